/** How much of this process's time and reading one peer may take. */
export interface BudgetLimits {
  readonly bytesPerSecond: number;
  readonly cpuMsPerSecond: number;
  /** So much of the budget may be taken at once, ms' worth. */
  readonly burstMs: number;
  /** A peer that takes all it is given for so long, and would take more, is flooding, ms. */
  readonly patienceMs: number;
}

/**
 * A leaky bucket: what a peer's messages cost fills it, time empties it. The reader waits whenever it is full, so that the peer is
 * slowed to its budget; one that keeps it full is flooding.
 */
export class ReceiveBudget {
  /** Filled so far, ms' worth of budget. */
  private levelMs = 0;
  private leakedAtMs: number;
  /** Since when it has not been less than half full after it had been full. */
  private fullSinceMs: number | undefined;

  constructor(
    private readonly limits: BudgetLimits,
    nowMs = performance.now(),
  ) {
    this.leakedAtMs = nowMs;
  }

  /** Takes note of a cost. Returns how long nothing more should be read, ms. */
  charge(bytes: number, cpuMs: number, nowMs = performance.now()): number {
    const { bytesPerSecond, cpuMsPerSecond, burstMs } = this.limits;
    this.levelMs = Math.max(0, this.levelMs - (nowMs - this.leakedAtMs));
    this.leakedAtMs = nowMs;
    if (this.levelMs < burstMs / 2) this.fullSinceMs = undefined;
    this.levelMs += 1000 * Math.max(bytes / bytesPerSecond, cpuMs / cpuMsPerSecond);
    if (this.levelMs <= burstMs) return 0;
    this.fullSinceMs ??= nowMs;
    return this.levelMs - burstMs;
  }

  /** Whether the peer has been slowed for longer than the budget's patience. */
  isFlooded(nowMs = performance.now()): boolean {
    return this.fullSinceMs !== undefined && nowMs - this.fullSinceMs > this.limits.patienceMs;
  }
}
