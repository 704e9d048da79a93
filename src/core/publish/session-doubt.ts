export interface DoubtLimits {
  /** How long a session may stand still that the server answers beside, ms. */
  readonly stallMs: number;
  /** How long a session may stand still in any case, ms. */
  readonly mostMs: number;
}

/** Missing acknowledgements are a weaker sign than a socket that accepts nothing: they count for this share of their time. */
const SILENCE_SHARE = 0.5;
/** How long a session stands still before the server is asked whether it answers, ms. */
const DOUBT_MS = 2000;
/** How often it is asked, ms. */
const ASK_EVERY_MS = 1000;
/** How long a session may take to go on once the server answers again, ms: TCP waits longer between its own attempts, the longer it was interrupted. */
const RECOVERY_MS = 1500;

/**
 * Whether a session that stands still is worth waiting for. While the network is interrupted it is: TCP goes on where it was, and nothing is lost.
 * It is not when a new connection to the server works and the old one does not: then one of the two, or a router in between, has
 * forgotten it.
 */
export class SessionDoubt {
  private askedAtMs = Number.NEGATIVE_INFINITY;
  private answeredAtMs: number | undefined;

  constructor(private readonly limits: DoubtLimits) {}

  /**
   * @param stalledMs how long the socket has taken nothing, ms
   * @param silentMs how long an acknowledgement is overdue, ms
   * @param nowMs by `performance.now()`
   */
  judge(stalledMs: number, silentMs: number, nowMs: number): 'keep' | 'ask' | 'give up' {
    const stillMs = Math.max(stalledMs, silentMs * SILENCE_SHARE);
    if (stillMs < Math.min(DOUBT_MS, this.limits.stallMs)) {
      this.answeredAtMs = undefined;
      return 'keep';
    }
    if (stillMs > this.limits.mostMs) return 'give up';
    if (this.answeredAtMs !== undefined) {
      const hadTime = nowMs - this.answeredAtMs >= Math.min(RECOVERY_MS, this.limits.stallMs);
      return stillMs > this.limits.stallMs && hadTime ? 'give up' : 'keep';
    }
    if (nowMs - this.askedAtMs < ASK_EVERY_MS) return 'keep';
    this.askedAtMs = nowMs;
    return 'ask';
  }

  /** The server has answered a new connection. */
  answered(nowMs: number): void {
    this.answeredAtMs ??= nowMs;
  }
}
