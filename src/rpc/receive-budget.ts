/** How much CPU time and reading one peer may cost this process. */
export interface BudgetLimits {
  readonly bytesPerSecond: number;
  readonly cpuMsPerSecond: number;
  /** How much of the budget may be used at once, ms. */
  readonly burstMs: number;
  /** A peer that uses its whole budget for this long, and would use more, is flooding, ms. */
  readonly patienceMs: number;
}

/**
 * A leaky bucket: the cost of a peer's messages fills it, time empties it. Reading pauses whenever it is full, so that the peer
 * is slowed to its budget; a peer that keeps it full is flooding.
 */
export class ReceiveBudget {
  /** Current level, ms of budget. */
  private levelMs = 0;
  private leakedAtMs: number;
  /** Since when it has been full, without falling below half in between. */
  private fullSinceMs: number | undefined;

  constructor(
    private readonly limits: BudgetLimits,
    nowMs = performance.now(),
  ) {
    this.leakedAtMs = nowMs;
  }

  /** Records a cost. Returns how long reading must pause, ms. */
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
