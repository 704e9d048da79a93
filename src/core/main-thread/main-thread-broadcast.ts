import type { Disposable } from 'vscode-jsonrpc';
import { type BroadcastSnapshot, BroadcastSnapshotNotification } from '../../protocol/plugin-broadcast.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import type { BroadcastFeed } from './broadcast-feed.js';

/** Tells one host what becomes of the broadcast. Its pair there is `ExtHostBroadcast`. */
export class MainThreadBroadcast implements Disposable {
  private readonly subscription: Disposable;

  constructor(connection: RpcConnection, feed: BroadcastFeed) {
    // A host that does not read its channel loses snapshots; the core keeps nothing for it.
    const send = (snapshot: BroadcastSnapshot) =>
      void connection.sendNotification(BroadcastSnapshotNotification.type, snapshot);
    const current = feed.snapshot();
    if (current !== undefined) send(current);
    this.subscription = feed.onSnapshot(send);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
