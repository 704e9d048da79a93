/** For how long an encoder has to be slow before it is said: a busy moment is none, ms. */
const WINDOW_MS = 10_000;
/** Slower than this share of the wanted rate is slow. */
const SLOW_SHARE = 0.9;

/** Finds an encoder that does not reach the wanted frame rate, also one that never did. */
export class PaceWatch {
  private frames = 0;
  private sinceMs: number | undefined;
  private told = false;

  constructor(private readonly fps: number) {}

  /**
   * @param frames Frames encoded so far, as told at `nowMs`.
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
    const news = slow && !this.told;
    this.told = slow;
    this.frames = frames;
    this.sinceMs = nowMs;
    return news ? rate : undefined;
  }
}
