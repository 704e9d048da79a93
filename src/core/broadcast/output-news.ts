import type { NoticeParams, OutputStatus } from '../../protocol/control.js';
import { BulkheadError } from '../../protocol/errors.js';

/** What the streamer is told of an output. */
export interface OutputNotice {
  readonly severity: NoticeParams['severity'];
  readonly message: string;
}

/** A session that has lasted so long ends an outage; what comes after it is told anew, ms. */
const LASTING_MS = 5000;
/** Reasons told in one outage at most, however many a server thinks of. */
const MAX_REASONS = 8;

/**
 * Says what is new with one output: each reason of an outage once, though they come again and in turn with every try,
 * and that it is live again.
 */
export class OutputNews {
  private readonly told = new Set<string>();
  private liveSinceMs: number | undefined;
  private lostAtMs: number | undefined;
  /** A trouble has been told, and no end of it. */
  private awaited = false;

  /** What to tell when the output's status has changed to this one; undefined when it is nothing new. */
  of({ state, error }: OutputStatus, nowMs: number): OutputNotice | undefined {
    if (state === 'live') return this.live(nowMs);
    if (this.liveSinceMs !== undefined) {
      if (nowMs - this.liveSinceMs >= LASTING_MS) this.told.clear();
      this.liveSinceMs = undefined;
      this.lostAtMs = nowMs;
    }
    if (error === undefined || this.told.has(error.message) || this.told.size >= MAX_REASONS)
      return undefined;
    this.told.add(error.message);
    this.awaited = true;
    return { severity: 'warning', message: BulkheadError.fromData(error).sentence };
  }

  private live(nowMs: number): OutputNotice | undefined {
    this.liveSinceMs ??= nowMs;
    if (!this.awaited) return undefined;
    this.awaited = false;
    const { lostAtMs } = this;
    const message = lostAtMs === undefined ? 'live now' : `live again after ${duration(nowMs - lostAtMs)}`;
    return { severity: 'info', message };
  }
}

function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
