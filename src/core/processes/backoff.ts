export interface BackoffLimits {
  /** Delay of the second try, ms; the first is immediate. It doubles with each further one. */
  readonly baseMs: number;
  /** Longest delay, ms. */
  readonly capMs: number;
}

/**
 * Delays between restarts: none before the first, then exponential ones up to a cap, each shortened by up to a half at
 * random so that parts that died together do not come back together.
 */
export class Backoff {
  private tries = 0;

  constructor(
    private readonly limits: BackoffLimits,
    private readonly random: () => number = Math.random,
  ) {}

  /** The delay before the next try, ms. */
  next(): number {
    const { baseMs, capMs } = this.limits;
    const tries = this.tries++;
    if (tries === 0) return 0;
    const full = Math.min(capMs, baseMs * 2 ** (tries - 1));
    return full * (1 - this.random() / 2);
  }

  /** The part proved stable: its next restart is a first one. */
  reset(): void {
    this.tries = 0;
  }
}
