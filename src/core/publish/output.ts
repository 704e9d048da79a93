import type { Disposable } from 'vscode-jsonrpc';
import type { Event } from '../../base/event.js';
import type { StreamTag } from '../../media/stream-tag.js';
import type { RemovedFromDelay } from '../../protocol/delay.js';
import type { OutputStatistics, SentStatistics } from '../../protocol/output-statistics.js';
import type { OutputStatus } from '../../protocol/status/output-status.js';

/** What an output says of itself; its slot measures the rest, which outlasts a change of settings. */
export type OwnStatus = Omit<OutputStatus, keyof OutputStatistics> & SentStatistics;

/** How an output takes what it is sent. */
export interface OutputFlow {
  /** How long the oldest frame has waited to be sent, ms. */
  readonly lateMs: number;
  /** How long the socket has taken nothing although something waits, ms. */
  readonly stalledMs: number;
  /** Bytes that the socket has taken in this session. */
  readonly takenBytes: number;
}

/**
 * A destination of the broadcast. It has its own queue: a slow one drops frames there, and does not affect the encoder
 * or other outputs.
 */
export interface Output extends Disposable {
  readonly id: string;
  /** Fires on every change of `status().state`, `status().error` or `status().sessions`. */
  readonly onDidChange: Event<void>;
  /** Starts connecting, and retries until `stop`. */
  start(): void;
  /** Takes the next tag of the timeline. Returns immediately and never throws. */
  push(tag: StreamTag): void;
  /**
   * Ends the stream at the server (FCUnpublish, deleteStream) after the queue has been written, or after `deadlineMs`
   * without it.
   */
  stop(deadlineMs: number): Promise<void>;
  /**
   * Removes the last `lastMs` of what it has taken and not aired yet, all of it without that. Resolves when it is known where the
   * stream continues, and never rejects. Outputs without a delay don't have it.
   */
  cut?(lastMs?: number): Promise<RemovedFromDelay>;
  status(): OwnStatus;
  /**
   * Undefined while it is not live, or where it does not tell what the network carries. Outputs with a delay don't have it: what they send
   * was encoded long before.
   */
  flow?(): OutputFlow | undefined;
  /** Times that tags spent in the core since the last call, from read to socket write, ms; bounded. */
  takeTransitTimes(): number[];
}
