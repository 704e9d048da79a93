import type { Disposable } from 'vscode-jsonrpc';
import type { Event } from '../../base/event.js';
import type { StreamTag } from '../../media/stream-tag.js';
import type { OutputStatus } from '../../protocol/control.js';

/**
 * A destination of the broadcast. It has its own queue: a slow one loses frames there, and neither the encoder nor the
 * other outputs notice.
 */
export interface Output extends Disposable {
  readonly id: string;
  /** Fires on every change of `status().state`, `status().error` or `status().sessions`. */
  readonly onDidChange: Event<void>;
  /** Begins to connect, and goes on until `stop`. */
  start(): void;
  /** Takes the next tag of the timeline. Returns at once, never throws, never waits. */
  push(tag: StreamTag): void;
  /**
   * Says goodbye to the server (FCUnpublish, deleteStream) after what is queued has been written, or after
   * `deadlineMs` without it.
   */
  stop(deadlineMs: number): Promise<void>;
  status(): OutputStatus;
  /** Times that tags spent in the core since the last call, read to socket write, ms; bounded. */
  takeTransitTimes(): number[];
}
