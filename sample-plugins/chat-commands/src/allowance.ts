/** Twitch's limit for a bot that is not a moderator: this many lines in this many ms. */
export const MOST_LINES = 20;
export const PERIOD_MS = 30_000;

/** Counts the lines that the bot sends, across reconnects. */
export class Allowance {
  private saidAt: number[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  /** Whether one more may be sent now; if so, it counts. */
  take(): boolean {
    const now = this.now();
    this.saidAt = this.saidAt.filter((at) => now - at < PERIOD_MS);
    if (this.saidAt.length >= MOST_LINES) return false;
    this.saidAt.push(now);
    return true;
  }
}
