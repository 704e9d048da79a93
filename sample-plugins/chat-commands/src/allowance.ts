/** So many lines in so many ms are the most that Twitch takes of a bot which is no moderator. */
export const MOST_LINES = 20;
export const PERIOD_MS = 30_000;

/** Counts the lines that the bot says, whatever they are about and however often it connects. */
export class Allowance {
  private saidAt: number[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  /** Whether one more may be said now; then it counts. */
  take(): boolean {
    const now = this.now();
    this.saidAt = this.saidAt.filter((at) => now - at < PERIOD_MS);
    if (this.saidAt.length >= MOST_LINES) return false;
    this.saidAt.push(now);
    return true;
  }
}
