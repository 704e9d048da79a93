import { parseFeedback, roundTripMs } from './rtcp.js';

/** A server that has reported is lost when it is silent for this many times its usual interval, ms at least and at most. */
const TIMES = 5;
const LEAST_MS = 5000;
const MOST_MS = 15_000;
/** Share of lost packets above which that is said. */
const NOTED_LOSS = 0.05;

/** What the other side says of what it gets. */
export class FeedbackWatch {
  /** ms */
  roundTripMs: number | undefined;
  private heardAtMs: number | undefined;
  private longestMs = 0;
  private keyframes = 0;
  private lost = 0;

  get hasReports(): boolean {
    return this.heardAtMs !== undefined;
  }

  /** @param packet of RTCP */
  take(packet: Buffer, nowMs: number, wallMs: number): void {
    const { reports, wantsKeyframe } = parseFeedback(packet);
    if (wantsKeyframe) this.keyframes += 1;
    if (reports.length === 0) return;
    if (this.heardAtMs !== undefined) this.longestMs = Math.max(this.longestMs, nowMs - this.heardAtMs);
    this.heardAtMs = nowMs;
    for (const report of reports) {
      this.lost = Math.max(this.lost, report.lost);
      const tripMs = roundTripMs(report, wallMs);
      if (tripMs !== undefined) this.roundTripMs = Math.round(tripMs);
    }
  }

  /** Whether a server that has reported does not any more. */
  isSilent(nowMs: number): boolean {
    if (this.heardAtMs === undefined) return false;
    return nowMs - this.heardAtMs > Math.min(MOST_MS, Math.max(LEAST_MS, TIMES * this.longestMs));
  }

  /** What is worth a line in the log since the last call. */
  news(): string[] {
    const news: string[] = [];
    if (this.lost > NOTED_LOSS) news.push(`${Math.round(this.lost * 100)} % of the packets were lost`);
    if (this.keyframes > 0) news.push('the server asks for a keyframe; the next one comes with the next GOP');
    this.lost = 0;
    this.keyframes = 0;
    return news;
  }
}
