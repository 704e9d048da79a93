/** How long an encoder has to be slow before that is reported, ms. */
const WINDOW_MS = 10_000;
/** Below this share of the configured rate the encoder is slow. */
const SLOW_SHARE = 0.9;

/** Detects an encoder that does not reach the configured frame rate, even if it never has. */
export class PaceWatch {
  private frames = 0;
  private sinceMs: number | undefined;
  private reported = false;

  constructor(private readonly fps: number) {}

  /**
   * @param frames Frames encoded so far, as reported at `nowMs`.
   * @returns The rate of the last ten seconds, once each time that it has become too low.
   */
  take(frames: number, nowMs: number): number | undefined {
    if (this.sinceMs === undefined) {
      this.frames = frames;
      this.sinceMs = nowMs;
      return undefined;
    }
    const elapsedMs = nowMs - this.sinceMs;
    if (elapsedMs < WINDOW_MS) return undefined;
    const rate = ((frames - this.frames) * 1000) / elapsedMs;
    const slow = rate < this.fps * SLOW_SHARE;
    const isNew = slow && !this.reported;
    this.reported = slow;
    this.frames = frames;
    this.sinceMs = nowMs;
    return isNew ? rate : undefined;
  }
}
