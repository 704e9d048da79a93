const DEFAULT_FRAME_MS = 33;
const MAX_FRAME_MS = 1000;

/** Current position of the broadcast's video. All times are ms on its timeline. */
export class VideoTrack {
  /** DTS of the last frame; undefined before the first. */
  lastMs: number | undefined;
  frames = 0;
  /** Time from one frame to the next, ms. */
  frameMs = DEFAULT_FRAME_MS;
  private lastPtsMs = 0;

  /** The next DTS at a constant frame rate; 0 for the first frame. */
  get nextMs(): number {
    return this.lastMs === undefined ? 0 : this.lastMs + this.frameMs;
  }

  /**
   * The next DTS for a frame that starts a new GOP: it must be neither decoded nor shown before the frames already
   * sent.
   */
  nextGopMs(compositionMs: number): number {
    return this.lastMs === undefined
      ? 0
      : Math.max(this.nextMs, this.lastPtsMs + this.frameMs - compositionMs);
  }

  /** Places a frame at `ms`, or right after the last one if that is later. Returns its DTS. */
  place(ms: number, compositionMs: number): number {
    const placedMs = this.lastMs === undefined ? Math.max(0, ms) : Math.max(ms, this.lastMs + 1);
    this.lastPtsMs = Math.max(this.lastPtsMs, placedMs + compositionMs);
    this.lastMs = placedMs;
    this.frames++;
    return placedMs;
  }

  /** Updates the frame duration from two consecutive frames of one encoder. */
  learn(stepMs: number): void {
    if (stepMs > 0 && stepMs <= MAX_FRAME_MS) this.frameMs = stepMs;
  }
}
