import type { Event } from 'vscode-jsonrpc';
import type { BroadcastState, Status } from '../../protocol/control.js';

/** As much of the broadcast as plugins may see and do; the core's `Broadcast` is one. */
export interface BroadcastView {
  status(): Status;
  readonly onDidChangeState: Event<BroadcastState>;
  /** Goes on air as it was configured the last time. Throws `broadcast.state` when it is not idle, or there has been none. */
  startAgain(): unknown;
  /** Resolves when it is idle. */
  stop(): Promise<unknown>;
}
