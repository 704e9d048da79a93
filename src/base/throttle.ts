/** Lets through what comes again and again, no more often than at an interval. */
export class Throttle {
  private passedMs = Number.NEGATIVE_INFINITY;

  /** @param earlyMs how much earlier something may come, as it does not come evenly */
  constructor(private readonly earlyMs: number) {}

  /** Whether it may pass now. */
  take(intervalMs: number): boolean {
    const nowMs = performance.now();
    if (nowMs - this.passedMs < intervalMs - this.earlyMs) return false;
    this.passedMs = nowMs;
    return true;
  }
}
