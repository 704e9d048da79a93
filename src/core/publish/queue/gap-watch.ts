import type { SendGaps } from '../../../protocol/output-statistics.js';

/** What counts as a gap, ms: by then a player with a short buffer has nothing more to show. */
const GAP_MS = 1000;

/** Notes the times in which nothing is sent, from the first `begin` on. */
export class GapWatch {
  private lastMs: number | undefined;
  private count = 0;
  private totalMs = 0;
  private longestMs = 0;

  /** The output is live; what was not sent before does not count. */
  begin(nowMs: number): void {
    this.lastMs ??= nowMs;
  }

  /** Something was sent. */
  sent(nowMs: number): void {
    if (this.lastMs === undefined) return;
    this.note(nowMs - this.lastMs);
    this.lastMs = nowMs;
  }

  /** Nothing more is to be sent. */
  end(nowMs: number): void {
    this.sent(nowMs);
    this.lastMs = undefined;
  }

  /** With the gap that lasts at present. */
  gaps(nowMs: number): SendGaps {
    const presentMs = this.lastMs === undefined ? 0 : nowMs - this.lastMs;
    const isGap = presentMs >= GAP_MS;
    return {
      count: this.count + (isGap ? 1 : 0),
      totalMs: Math.round(this.totalMs + (isGap ? presentMs : 0)),
      longestMs: Math.round(isGap ? Math.max(this.longestMs, presentMs) : this.longestMs),
    };
  }

  private note(ms: number): void {
    if (ms < GAP_MS) return;
    this.count += 1;
    this.totalMs += ms;
    this.longestMs = Math.max(this.longestMs, ms);
  }
}
