const DEFAULT_FRAME_MS = 33;
const MAX_FRAME_MS = 1000;

/** Where the broadcast's video stands. All times are ms on its timeline. */
export class VideoTrack {
  /** DTS of the last frame; undefined before the first. */
  lastMs: number | undefined;
  frames = 0;
  /** The cadence, ms from one frame to the next. */
  frameMs = DEFAULT_FRAME_MS;
  private lastPtsMs = 0;

  /** The next DTS in an unbroken cadence; 0 for the first frame. */
  get nextMs(): number {
    return this.lastMs === undefined ? 0 : this.lastMs + this.frameMs;
  }

  /** The next DTS for a frame that opens a new GOP: it may neither be decoded nor shown before what has been sent. */
  nextGopMs(compositionMs: number): number {
    return this.lastMs === undefined
      ? 0
      : Math.max(this.nextMs, this.lastPtsMs + this.frameMs - compositionMs);
  }

  /** Takes a frame at `ms` or right after the last one, and says where. */
  place(ms: number, compositionMs: number): number {
    const placedMs = this.lastMs === undefined ? Math.max(0, ms) : Math.max(ms, this.lastMs + 1);
    this.lastPtsMs = Math.max(this.lastPtsMs, placedMs + compositionMs);
    this.lastMs = placedMs;
    this.frames++;
    return placedMs;
  }

  /** Learns the cadence from two frames of one encoder in a row. */
  learn(stepMs: number): void {
    if (stepMs > 0 && stepMs <= MAX_FRAME_MS) this.frameMs = stepMs;
  }
}
