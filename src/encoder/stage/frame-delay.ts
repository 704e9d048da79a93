import type { Disposable } from 'vscode-jsonrpc';
import { LONGEST_EARLY_MS, type MixerConfig } from '../../config/mixer-schema.js';
import type { Frame, FrameLayout, FrameStore } from '../canvas/frame-pool.js';

/** Less than a sample, and more than what rounding makes of nothing, ms. */
const LEAST_MS = 1e-3;
/** What encoders may still have of frames that were on air, s. */
const KEPT_S = 0.5;
/** The frame on air, and the one that follows it. */
const SHOWN = 2;

/** Frames that a source needs at this rate to be shown later by as much as it can be. */
export function framesOfDelay(fps: number): number {
  return Math.ceil((LONGEST_EARLY_MS / 1000 + KEPT_S) * fps) + SHOWN;
}

/** By how many slots frames are shown later whose sound is to be early. @param delayMs of the sound, negative for early */
export function slotsOfDelay(delayMs: number, fps: number): number {
  return Math.max(0, Math.ceil(-delayMs * (fps / 1000) - 1e-6));
}

/** The same mixer, with what the sound has to be delayed beside frames that are delayed by whole slots. */
export function besideFrames(mixer: MixerConfig, fps: number): MixerConfig {
  const sources = Object.entries(mixer.sources).map(([id, sound]) => {
    if (sound.delayMs >= 0) return [id, sound] as const;
    const restMs = slotsOfDelay(sound.delayMs, fps) * (1000 / fps) + sound.delayMs;
    // A sound with no delay at all is mixed as it is.
    return [id, { ...sound, delayMs: restMs < LEAST_MS ? 0 : restMs }] as const;
  });
  return { ...mixer, sources: Object.fromEntries(sources) };
}

interface HeldFrame {
  readonly frame: Frame;
  /** When it came. */
  readonly slot: number;
}

/**
 * Frames of a source that are shown some slots later. They are copies, in memory of their own: the source needs its frames for what it
 * reads, and a delay may be changed on air. Without a delay each frame is passed on as it is.
 */
export class FrameDelay implements Disposable {
  private readonly held: HeldFrame[] = [];
  private slots = 0;
  private slot = 0;
  private hasShown = false;

  /** @param store where the copies lie; asked for more once it has been disposed of */
  constructor(
    private readonly store: FrameStore & Disposable,
    private readonly layoutOf: (frame: Frame) => FrameLayout,
  ) {}

  /** From the next frame on; what is late then is left out. */
  set(slots: number): void {
    this.slots = slots;
  }

  /**
   * To be called once for each slot in which the source goes on.
   *
   * @param frame what the source has for this slot, which is its own then
   * @returns what is shown from this slot on, which is the caller's; the first frame at once, for want of another
   */
  take(frame: Frame | undefined): Frame | undefined {
    const { held, slots } = this;
    this.slot += 1;
    const passes = frame === undefined || !this.hasShown || (slots === 0 && held.length === 0);
    const shown = (passes ? frame : this.hold(frame)) ?? this.due();
    if (shown !== undefined) this.hasShown = true;
    // The memory is for others.
    if (slots === 0 && held.length === 0) this.store.dispose();
    return shown;
  }

  /** @returns the frame itself where there is no memory for a copy, and none that would have to be shown before it */
  private hold(frame: Frame): Frame | undefined {
    const copy = this.store.acquire(this.layoutOf(frame));
    if (copy === undefined && this.held.length === 0) return frame;
    if (copy !== undefined) {
      copy.bytes.set(frame.bytes);
      this.held.push({ frame: copy, slot: this.slot });
    }
    frame.release();
    return undefined;
  }

  private due(): Frame | undefined {
    const { held, slots, slot } = this;
    let frame: Frame | undefined;
    while (held[0] !== undefined && held[0].slot + slots <= slot) {
      frame?.release();
      frame = held.shift()?.frame;
    }
    return frame;
  }

  dispose(): void {
    for (const { frame } of this.held.splice(0)) frame.release();
    this.store.dispose();
  }
}
