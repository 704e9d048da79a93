import type { NoticeParams, OutputStatus } from '../../protocol/control.js';
import { BulkheadError, type ErrorData } from '../../protocol/errors.js';

/** What the streamer is told of an output. */
export interface OutputNotice {
  readonly severity: NoticeParams['severity'];
  readonly message: string;
}

/** A session that has lasted so long ends an outage; what comes after it is told anew, ms. */
const LASTING_MS = 5000;
/** Reasons told in one outage at most, however many a server thinks of. */
const MAX_REASONS = 8;
/** A live output that loses frames again is told of so often at most, ms. */
const REPEAT_MS = 60_000;

/**
 * Says what is new with one output: each reason of an outage once, though they come again and in turn with every try;
 * that a live one loses frames; and the end of either.
 */
export class OutputNews {
  private readonly told = new Set<string>();
  private liveSinceMs: number | undefined;
  private lostAtMs: number | undefined;
  private slowToldMs: number | undefined;
  /** What has been told, and its end not yet. */
  private open: 'outage' | 'slowness' | undefined;

  /** What to tell when the output's status has changed to this one; undefined when it is nothing new. */
  of({ state, error }: OutputStatus, nowMs: number): OutputNotice | undefined {
    if (state === 'live') {
      this.liveSinceMs ??= nowMs;
      return error === undefined ? this.end(nowMs) : this.slowness(error, nowMs);
    }
    if (this.liveSinceMs !== undefined) {
      if (nowMs - this.liveSinceMs >= LASTING_MS) this.told.clear();
      this.liveSinceMs = undefined;
      this.lostAtMs = nowMs;
    }
    if (error === undefined || this.told.has(error.message) || this.told.size >= MAX_REASONS)
      return undefined;
    this.told.add(error.message);
    this.open = 'outage';
    return warning(error);
  }

  private slowness(error: ErrorData, nowMs: number): OutputNotice | undefined {
    if (this.slowToldMs !== undefined && nowMs - this.slowToldMs < REPEAT_MS) return undefined;
    this.slowToldMs = nowMs;
    this.open = 'slowness';
    return warning(error);
  }

  private end(nowMs: number): OutputNotice | undefined {
    const { open, lostAtMs } = this;
    this.open = undefined;
    if (open === undefined) return undefined;
    if (open === 'slowness') return { severity: 'info', message: 'no frames are being lost any more' };
    const message = lostAtMs === undefined ? 'live now' : `live again after ${duration(nowMs - lostAtMs)}`;
    return { severity: 'info', message };
  }
}

function warning(error: ErrorData): OutputNotice {
  return { severity: 'warning', message: BulkheadError.fromData(error).sentence };
}

function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
