import type { Event } from 'vscode-jsonrpc';
import type { BroadcastState, Status } from '../../protocol/control.js';

/** As much of the broadcast as plugins may see; the core's `Broadcast` is one. */
export interface BroadcastView {
  status(): Status;
  readonly onDidChangeState: Event<BroadcastState>;
}
