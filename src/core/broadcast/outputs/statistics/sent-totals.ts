import {
  type DroppedFrames,
  NO_GAPS,
  NOTHING_DROPPED,
  type SendGaps,
} from '../../../../protocol/output-statistics.js';
import type { OwnStatus } from '../../../publish/output.js';

/** What outputs have sent that follow each other in one place of the list. */
export interface SentTotals {
  readonly sessions: number;
  readonly reconnects: number;
  readonly bytesSent: number;
  readonly framesSent: number;
  readonly droppedFrames: number;
  readonly dropped: DroppedFrames;
  readonly gaps: SendGaps;
}

export const NOTHING_SENT: SentTotals = {
  ...{ sessions: 0, reconnects: 0, bytesSent: 0, framesSent: 0, droppedFrames: 0 },
  ...{ dropped: NOTHING_DROPPED, gaps: NO_GAPS },
};

/** What was sent before and what the present output has sent. Its first session is no reconnect: it was begun on purpose. */
export function withSent(before: SentTotals, now: OwnStatus): SentTotals {
  return {
    sessions: before.sessions + now.sessions,
    reconnects: before.reconnects + Math.max(0, now.sessions - 1),
    bytesSent: before.bytesSent + now.bytesSent,
    framesSent: before.framesSent + now.framesSent,
    droppedFrames: before.droppedFrames + now.droppedFrames,
    dropped: {
      disposable: before.dropped.disposable + now.dropped.disposable,
      inter: before.dropped.inter + now.dropped.inter,
      keyframes: before.dropped.keyframes + now.dropped.keyframes,
    },
    gaps: {
      count: before.gaps.count + now.gaps.count,
      totalMs: before.gaps.totalMs + now.gaps.totalMs,
      longestMs: Math.max(before.gaps.longestMs, now.gaps.longestMs),
    },
  };
}
