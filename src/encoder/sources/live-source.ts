import type { Disposable } from 'vscode-jsonrpc';
import type { SourceState } from '../../protocol/encoder.js';
import type { Frame } from '../canvas/frame-pool.js';
import type { LiveReceiver } from './live-receiver.js';
import type { Source, SourceSlot } from './source.js';

export interface LiveSourceOptions {
  /** Delivers the frames, and the sound if there is no other receiver for it. Undefined for sound alone. */
  readonly frames: LiveReceiver | undefined;
  /** Its own receiver for the sound, as for a microphone beside a camera. */
  readonly sound: LiveReceiver | undefined;
  /** Makes the frame of a source without frames. */
  readonly still: () => Frame | undefined;
  /** Ends with it. */
  readonly follower?: Disposable | undefined;
}

/** How long it may deliver nothing after a slot's end until it counts as stalled, ms. */
const STALLED_MS = 700;

/** What delivers for this long without a frame has none, ms. */
const FRAMELESS_MS = 1000;

/** A source that sends at its own pace. Its frames and its sound may come from different devices: each is lost, and returns, alone. */
export class LiveSource implements Source, Disposable {
  readonly position = undefined;
  private hasDelivered = false;
  private hasFrames = false;
  private hasShown = false;
  private firstTakenMs: number | undefined;

  constructor(private readonly options: LiveSourceOptions) {}

  get state(): SourceState {
    const { frames, sound } = this.options;
    const main = frames ?? sound;
    if (main === undefined) return 'live';
    if (main.silentMs < STALLED_MS + main.slotMs) {
      this.hasDelivered = true;
      return 'live';
    }
    if (main.isRetrying) return 'retrying';
    return this.hasDelivered ? 'stalled' : 'starting';
  }

  get isReady(): boolean {
    return this.state === 'live';
  }

  get pid(): number {
    return (this.options.frames ?? this.options.sound)?.pid ?? 0;
  }

  get cpuPercent(): number | undefined {
    return this.options.frames?.cpuPercent;
  }

  take(samples: number): SourceSlot {
    const { frames, sound } = this.options;
    const first = frames?.take(samples);
    const second = sound?.take(samples);
    this.hasFrames ||= first?.frame !== undefined;
    return {
      frame: frames === undefined ? this.takeStill() : (first?.frame ?? this.substitute()),
      sound: (second ?? first)?.sound ?? Buffer.alloc(0),
    };
  }

  /** An address may turn out to have sound alone; ffmpeg may keep the one frame that it has for that. */
  private substitute(): Frame | undefined {
    if (this.hasFrames || this.state !== 'live') return undefined;
    const now = performance.now();
    this.firstTakenMs ??= now;
    return now - this.firstTakenMs < FRAMELESS_MS ? undefined : this.takeStill();
  }

  private takeStill(): Frame | undefined {
    if (this.hasShown) return undefined;
    this.hasShown = true;
    return this.options.still();
  }

  dispose(): void {
    this.options.frames?.dispose();
    this.options.sound?.dispose();
    this.options.follower?.dispose();
  }
}
