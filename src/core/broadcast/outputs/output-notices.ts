import type { NoticeParams } from '../../../protocol/control.js';
import { BulkheadError, type ErrorData } from '../../../protocol/errors.js';
import type { OutputStatus } from '../../../protocol/status/output-status.js';

/** A notice about an output for the streamer. */
export interface OutputNotice {
  readonly severity: NoticeParams['severity'];
  readonly message: string;
}

/** A session that has lasted this long ends an outage; later failures are reported again, ms. */
const LASTING_MS = 5000;
/** Maximum number of different reasons reported per outage. */
const MAX_REASONS = 8;
/** Minimum time between two reports that a live output drops frames, ms. */
const REPEAT_MS = 60_000;

/**
 * Determines what to report about one output: each reason of an outage once, although it recurs with every attempt;
 * that a live output drops frames; and the end of either.
 */
export class OutputNotices {
  private readonly reported = new Set<string>();
  private liveSinceMs: number | undefined;
  private lostAtMs: number | undefined;
  private slowReportedMs: number | undefined;
  /** What has been reported and has not ended yet. */
  private reporting: 'outage' | 'slowness' | undefined;

  /** The notice for the output's changed status; undefined if there is nothing new. */
  of({ state, error }: Pick<OutputStatus, 'state' | 'error'>, nowMs: number): OutputNotice | undefined {
    if (state === 'live') {
      this.liveSinceMs ??= nowMs;
      return error === undefined ? this.end(nowMs) : this.slowness(error, nowMs);
    }
    if (this.liveSinceMs !== undefined) {
      if (nowMs - this.liveSinceMs >= LASTING_MS) this.reported.clear();
      this.liveSinceMs = undefined;
      this.lostAtMs = nowMs;
    }
    if (error === undefined || this.reported.has(error.message) || this.reported.size >= MAX_REASONS)
      return undefined;
    this.reported.add(error.message);
    this.reporting = 'outage';
    return warning(error);
  }

  private slowness(error: ErrorData, nowMs: number): OutputNotice | undefined {
    if (this.slowReportedMs !== undefined && nowMs - this.slowReportedMs < REPEAT_MS) return undefined;
    this.slowReportedMs = nowMs;
    this.reporting = 'slowness';
    return warning(error);
  }

  private end(nowMs: number): OutputNotice | undefined {
    const { reporting, lostAtMs } = this;
    this.reporting = undefined;
    if (reporting === undefined) return undefined;
    if (reporting === 'slowness') return { severity: 'info', message: 'no frames are being lost any more' };
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
