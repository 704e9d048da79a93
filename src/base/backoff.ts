export interface BackoffOptions {
  /** The shortest delay, ms: before the second try. The first one is immediate. */
  readonly baseMs: number;
  /** The longest delay, ms. */
  readonly capMs: number;
  /** How much of a delay may be left out at random, 0 to 1, so that those that failed together do not try again together. */
  readonly jitter: number;
  /** A delay is this share of the time since the first try. Without it, each delay is twice the one before. */
  readonly shareOfOutage?: number;
}

/** Times the tries to bring something up again: the first at once, then after delays that grow. */
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
   * @param capMs the longest delay before this try, ms
   * @returns the delay before the next try, ms
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

  /** It has been up for long enough: the next try is a first one. */
  reset(): void {
    this.tries = 0;
  }
}
