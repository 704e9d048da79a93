import type { RecordingConfig } from '../../config/recording-schema.js';
import { isHeaderKind } from '../../media/stream-headers.js';
import { isExtraHeader, isVideoFrame, type StreamTag } from '../../media/stream-tag.js';

const MEGABYTE = 1_000_000;
/** Between frames, until that is known, ms. */
const DEFAULT_STEP_MS = 33;

/** One of the files that follow each other. */
export interface TakenFile {
  /** From 1. */
  readonly number: number;
  /** Its time 0, ms on the recording's time. */
  readonly startMs: number;
}

/**
 * When the files of a recording begin, and what is left out: the programme's keyframes decide, for what is recorded beside it as well. So
 * the files of all have the same times.
 */
export class TakeTimes {
  private isPausedNow = false;
  private wantsFile = true;
  private pausedAtMs: number | undefined;
  private lastMs: number | undefined;
  private stepMs = DEFAULT_STEP_MS;
  private bytes = 0;
  private shift = 0;
  private current: TakenFile | undefined;

  constructor(private readonly config: Pick<RecordingConfig, 'splitMinutes' | 'splitMb'>) {}

  get isPaused(): boolean {
    return this.isPausedNow;
  }

  /** Whether nothing is recorded now: also after a pause, until the programme's next keyframe. */
  get isHeld(): boolean {
    return this.isPausedNow || this.pausedAtMs !== undefined;
  }

  /** What is subtracted from timestamps: the time that it was paused for, ms. */
  get shiftMs(): number {
    return this.shift;
  }

  /** The file that is written now; undefined before the first. */
  get file(): TakenFile | undefined {
    return this.current;
  }

  /** Takes each tag of the programme, before anything of it is recorded. */
  take(tag: StreamTag): void {
    if (this.isPausedNow || isHeaderKind(tag.kind) || isExtraHeader(tag)) return;
    if (tag.kind === 'keyframe') this.takeKeyframe(tag);
    if (this.current === undefined || this.pausedAtMs !== undefined) return;
    this.bytes += tag.payload.length;
    if (!isVideoFrame(tag)) return;
    const ms = tag.timestampMs - this.shift;
    if (this.lastMs !== undefined && ms > this.lastMs) this.stepMs = ms - this.lastMs;
    this.lastMs = ms;
  }

  /** The next keyframe begins another file. */
  split(): void {
    this.wantsFile = true;
  }

  pause(): void {
    this.isPausedNow = true;
    if (this.lastMs !== undefined) this.pausedAtMs ??= this.lastMs + this.stepMs;
  }

  /** Goes on with the next keyframe. */
  resume(): void {
    this.isPausedNow = false;
  }

  private takeKeyframe({ timestampMs }: StreamTag): void {
    if (this.pausedAtMs !== undefined) {
      this.shift = timestampMs - this.pausedAtMs;
      this.pausedAtMs = undefined;
    }
    const startMs = timestampMs - this.shift;
    if (!this.wantsFile && !this.isFull(startMs)) return;
    this.wantsFile = false;
    this.bytes = 0;
    this.current = { number: (this.current?.number ?? 0) + 1, startMs };
  }

  private isFull(ms: number): boolean {
    const { splitMinutes = Number.POSITIVE_INFINITY, splitMb = Number.POSITIVE_INFINITY } = this.config;
    if (this.current === undefined) return true;
    const length = ms - this.current.startMs;
    return length >= splitMinutes * 60_000 - this.stepMs / 2 || this.bytes >= splitMb * MEGABYTE;
  }
}
