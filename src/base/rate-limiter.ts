/** A token bucket: `burst` at once, then `perSecond`. */
export class RateLimiter {
  private tokens: number;
  private refilledAtMs = performance.now();
  private refused = 0;

  constructor(private readonly options: { readonly burst: number; readonly perSecond: number }) {
    this.tokens = options.burst;
  }

  /** Whether `amount` more may pass now. */
  take(amount = 1): boolean {
    this.refill();
    if (this.tokens < amount) {
      this.refused += 1;
      return false;
    }
    this.tokens -= amount;
    return true;
  }

  /**
   * Lets `amount` pass, whether it may or not: what exceeds the rate is owed.
   *
   * @returns how long to wait until nothing is owed any more, ms
   */
  spend(amount: number): number {
    this.refill();
    this.tokens -= amount;
    return Math.max(0, (-this.tokens / this.options.perSecond) * 1000);
  }

  private refill(): void {
    const { burst, perSecond } = this.options;
    const nowMs = performance.now();
    this.tokens = Math.min(burst, this.tokens + ((nowMs - this.refilledAtMs) / 1000) * perSecond);
    this.refilledAtMs = nowMs;
  }

  /** Number of refusals since the last call. */
  takeRefused(): number {
    const { refused } = this;
    this.refused = 0;
    return refused;
  }
}
