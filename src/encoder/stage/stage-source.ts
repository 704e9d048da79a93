import type { Disposable } from 'vscode-jsonrpc';
import type { SourceConfig } from '../../config/schema.js';
import { isLiveInput } from '../../config/sources.js';
import type { Frame } from '../canvas/frame-pool.js';
import { NOTHING, type Source, type SourceSlot } from '../sources/source.js';
import type { FrameDelay } from './frame-delay.js';

/** How long it may deliver nothing until its fallback is opened, and until that is shown, ms. */
const OPEN_FALLBACK_MS = 200;
const SHOW_FALLBACK_MS = 1000;

/** A source that scenes show: what it has now, for any number of layers. */
export class StageSource implements Disposable {
  private frame: Frame | undefined;
  private frames = 0;
  private lostSinceMs: number | undefined;
  private sound = NOTHING.sound;
  private hasFailed = false;
  /** What it delivers first, taken before it is on air. */
  private first: SourceSlot | undefined;

  constructor(
    readonly id: string,
    readonly input: SourceConfig,
    readonly source: Source,
    private readonly frameStore: Disposable,
    private readonly delay: FrameDelay,
  ) {}

  /** The frame that it shows, which stays its own; undefined before the first. */
  get current(): Frame | undefined {
    return this.frame;
  }

  /** Counts its frames. */
  get version(): number {
    return this.frames;
  }

  /** PCM of this slot; shorter than asked for where there is not as much. */
  get pcm(): Buffer {
    return this.sound;
  }

  /** Whether it can be shown at once. */
  get isReady(): boolean {
    return this.frame !== undefined || this.source.isReady;
  }

  /** It has never delivered, and has failed to: nobody waits for it. */
  get isMissing(): boolean {
    if (this.isReady) return false;
    const { state } = this.source;
    this.hasFailed ||= state === 'retrying' || state === 'failed';
    return this.hasFailed;
  }

  /** Whether its fallback is to be open, and to be shown. */
  get needsFallback(): boolean {
    return this.lostForMs >= OPEN_FALLBACK_MS;
  }

  get showsFallback(): boolean {
    return this.lostForMs >= (this.frame === undefined ? OPEN_FALLBACK_MS : SHOW_FALLBACK_MS);
  }

  /** By how many slots its frames are shown later than they come; its sound is not. */
  delayFrames(slots: number): void {
    this.delay.set(slots);
  }

  /** Shows this frame until it has one of its own. @param frame is its to release */
  showFirst(frame: Frame): void {
    this.frame?.release();
    this.frame = frame;
  }

  /**
   * To be called once for each slot.
   *
   * @param samples of the slot
   * @param isOnAir a file stands still while it is not; what sends at its own pace goes on, as does what is drawn
   */
  take(samples: number, isOnAir: boolean): void {
    this.sound = NOTHING.sound;
    if (isOnAir || isLiveInput(this.input) || this.input.type === 'text') {
      const { frame, sound } = this.first ?? this.source.take(samples);
      this.first = undefined;
      this.sound = sound;
      this.show(this.delay.take(frame));
    } else if (this.frame === undefined && this.first === undefined && this.source.isReady)
      this.preview(this.source.take(samples));
    const { state } = this.source;
    if (state === 'live' || state === 'ended') this.lostSinceMs = undefined;
    else this.lostSinceMs ??= performance.now();
  }

  private show(frame: Frame | undefined): void {
    if (frame === undefined) return;
    this.frame?.release();
    this.frame = frame;
    this.frames += 1;
  }

  /** Its first frame can be seen before it is on air, where it begins with that frame and its sound. */
  private preview(first: SourceSlot): void {
    this.first = first;
    this.show(first.frame?.retain());
  }

  private get lostForMs(): number {
    return this.lostSinceMs === undefined ? 0 : performance.now() - this.lostSinceMs;
  }

  dispose(): void {
    this.first?.frame?.release();
    this.frame?.release();
    this.frame = undefined;
    this.delay.dispose();
    this.source.dispose();
    this.frameStore.dispose();
  }
}
