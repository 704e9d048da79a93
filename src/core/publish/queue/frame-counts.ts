import { isVideoFrame, type StreamTag } from '../../../media/stream-tag.js';
import type { DroppedFrames } from '../../../protocol/output-statistics.js';

/** The interval of the keyframes of a stream. */
export class KeyframeInterval {
  private lastMs: number | undefined;
  private interval: number | undefined;

  take({ kind, timestampMs }: Pick<StreamTag, 'kind' | 'timestampMs'>): void {
    if (kind !== 'keyframe') return;
    if (this.lastMs !== undefined && timestampMs > this.lastMs) this.interval = timestampMs - this.lastMs;
    this.lastMs = timestampMs;
  }

  /** Between the last two, ms; undefined before the second. */
  get ms(): number | undefined {
    return this.interval;
  }
}

/** Counts the main track's frames that have left a queue: to be sent, or dropped. */
export class FrameCounts {
  private readonly keyframes = new KeyframeInterval();
  private sentFrames = 0;
  private readonly drops = { disposable: 0, inter: 0, keyframes: 0 };

  sent(tag: StreamTag): void {
    if (!isVideoFrame(tag)) return;
    this.sentFrames += 1;
    this.keyframes.take(tag);
  }

  dropped({ kind }: StreamTag): void {
    if (kind === 'keyframe') this.drops.keyframes += 1;
    else if (kind === 'disposable') this.drops.disposable += 1;
    else this.drops.inter += 1;
  }

  get framesSent(): number {
    return this.sentFrames;
  }

  get byKind(): DroppedFrames {
    return { ...this.drops };
  }

  get droppedFrames(): number {
    const { disposable, inter, keyframes } = this.drops;
    return disposable + inter + keyframes;
  }

  get keyframeIntervalMs(): number | undefined {
    return this.keyframes.ms;
  }
}
