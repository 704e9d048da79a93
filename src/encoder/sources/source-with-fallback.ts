import type { Disposable } from 'vscode-jsonrpc';
import type { SourceState } from '../../protocol/encoder.js';
import type { Frame } from '../canvas/frame-pool.js';
import { NOTHING, type Source, type SourceSlot } from './source.js';

export interface SourceWithFallbackOptions {
  readonly source: Source;
  /** Opens its fallback; undefined if it has none: then a plain frame is shown. */
  readonly openFallback: (() => Source) | undefined;
  /** Whether the fallback is opened before it is needed, and stays open. */
  readonly keepsFallbackOpen?: boolean;
  readonly still: () => Frame | undefined;
  /** If it has been on air already: how long it is waited for, ms. */
  readonly reopensWithinMs: number | undefined;
}

/** How long the source may not be live until the fallback is opened, and until it is shown, ms. */
const OPEN_MS = 200;
const SHOW_MS = 1000;
/** A source that delivers again has this long for a frame until its last one, which is old, is shown in place of its fallback, ms. */
const FRESH_MS = 400;
/** How long a source has to deliver until its fallback is closed, ms. */
const CLOSE_MS = 5000;

/** A source of which something is always on air: its last frame at first, and then its fallback, until it is back by itself. */
export class SourceWithFallback implements Disposable {
  private opened: Source | undefined;
  private lastFrame: Frame | undefined;
  /** The fallback's, which may have a single one, such as an image. */
  private lastFallbackFrame: Frame | undefined;
  private showsFallback = false;
  private lostMs: number | undefined;
  private liveMs: number | undefined;
  private readonly openedMs = performance.now();

  constructor(private readonly options: SourceWithFallbackOptions) {}

  /** Whether the programme can begin. */
  get isReady(): boolean {
    const { source, reopensWithinMs = Number.POSITIVE_INFINITY } = this.options;
    return source.isReady || performance.now() - this.openedMs >= reopensWithinMs;
  }

  get ended(): boolean {
    return this.options.source.state === 'ended';
  }

  get state(): SourceState {
    return this.options.source.state;
  }

  get source(): Source {
    return this.options.source;
  }

  /** Undefined while it is closed. */
  get fallback(): Source | undefined {
    return this.opened;
  }

  /** What is on air in the next slot. */
  take(samples: number): SourceSlot {
    const { source } = this.options;
    const slot = source.take(samples);
    if (slot.frame !== undefined) {
      this.lastFrame?.release();
      this.lastFrame = slot.frame.retain();
    }
    if (source.state === 'live' || this.ended) return this.showSource(samples, slot);
    slot.frame?.release();
    return this.showFallback(samples, slot);
  }

  private showSource(samples: number, slot: SourceSlot): SourceSlot {
    const now = performance.now();
    this.lostMs = undefined;
    this.liveMs ??= now;
    if (this.options.keepsFallbackOpen === true) this.openFallback();
    else if (now - this.liveMs >= CLOSE_MS) this.closeFallback();
    if (!this.showsFallback) return slot;
    if (slot.frame === undefined && !this.ended && now - this.liveMs < FRESH_MS)
      return this.takeFallback(samples);
    this.showsFallback = false;
    return { ...slot, frame: slot.frame ?? this.lastFrame?.retain() };
  }

  private showFallback(samples: number, { sound }: SourceSlot): SourceSlot {
    const now = performance.now();
    this.liveMs = undefined;
    this.lostMs ??= this.lastFrame === undefined ? now - SHOW_MS : now;
    const silentMs = now - this.lostMs;
    if (silentMs >= OPEN_MS) this.openFallback();
    if (silentMs < SHOW_MS) return { frame: undefined, sound };
    const isFirst = !this.showsFallback;
    this.showsFallback = true;
    const slot = this.takeFallback(samples);
    if (!isFirst || slot.frame !== undefined) return slot;
    return { ...slot, frame: this.lastFallbackFrame?.retain() ?? this.options.still() };
  }

  private takeFallback(samples: number): SourceSlot {
    const { opened: fallback } = this;
    const slot = fallback?.isReady === true || fallback?.state === 'live' ? fallback.take(samples) : NOTHING;
    if (slot.frame !== undefined) {
      this.lastFallbackFrame?.release();
      this.lastFallbackFrame = slot.frame.retain();
    }
    return slot;
  }

  private openFallback(): void {
    this.opened ??= this.options.openFallback?.();
  }

  private closeFallback(): void {
    this.opened?.dispose();
    this.opened = undefined;
    this.lastFallbackFrame?.release();
    this.lastFallbackFrame = undefined;
  }

  dispose(): void {
    this.closeFallback();
    this.lastFrame?.release();
    this.lastFrame = undefined;
    this.options.source.dispose();
  }
}
