export interface BackoffOptions {
  /** The shortest delay, ms: before the second attempt. The first one is immediate. */
  readonly baseMs: number;
  /** The longest delay, ms. */
  readonly capMs: number;
  /**
   * How much of a delay may be subtracted at random, 0 to 1, so that several things that failed together are not retried
   * together.
   */
  readonly jitter: number;
  /** A delay is this share of the time since the first attempt. If undefined, each delay is twice the one before. */
  readonly shareOfOutage?: number;
}

/** Delays for repeated attempts to bring something up: none before the first attempt, then growing delays. */
export class Backoff {
  private tries = 0;
  private firstTryAtMs = 0;

  constructor(
    private readonly options: BackoffOptions,
    /** In [0, 1). */
    private readonly random: () => number = Math.random,
  ) {}

  /**
   * @param nowMs by `performance.now()`
   * @param capMs the longest delay before this attempt, ms
   * @returns the delay before the next attempt, ms
   */
  next(nowMs = performance.now(), capMs = this.options.capMs): number {
    const { baseMs, jitter, shareOfOutage } = this.options;
    const tries = this.tries++;
    if (tries === 0) {
      this.firstTryAtMs = nowMs;
      return 0;
    }
    const grown =
      shareOfOutage === undefined ? baseMs * 2 ** (tries - 1) : (nowMs - this.firstTryAtMs) * shareOfOutage;
    const full = Math.min(capMs, Math.max(baseMs, grown));
    return Math.round(full * (1 - jitter * this.random()));
  }

  /** Call when it has been up for long enough: the next attempt counts as the first. */
  reset(): void {
    this.tries = 0;
  }
}
