import type { Disposable } from 'vscode-jsonrpc';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  type BroadcastSnapshot,
  BroadcastSnapshotNotification,
  PluginStartsBroadcastRequest,
  PluginStopsBroadcastRequest,
} from '../../protocol/plugin-broadcast.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import type { BroadcastFeed } from './broadcast-feed.js';
import type { BroadcastView } from './broadcast-view.js';
import { FromPluginSchema, type HostIdentity } from './host-identity.js';
import { requirePermission } from './require-permission.js';

/** Tells one host what becomes of the broadcast, and lets its plugins control it if they may. Its pair there is `ExtHostBroadcast`. */
export class MainThreadBroadcast implements Disposable {
  private readonly subscription: Disposable;

  constructor(
    connection: RpcConnection,
    identity: HostIdentity,
    plugins: readonly InstalledPlugin[],
    feed: BroadcastFeed,
  ) {
    const controlled = (params: unknown): BroadcastView => {
      const { plugin } = identity.check(FromPluginSchema, params);
      requirePermission(plugins, plugin, 'broadcast.control');
      if (feed.broadcast === undefined) {
        throw new BulkheadError(ErrorCodes.broadcastState, 'there is no broadcast', { where: plugin });
      }
      return feed.broadcast;
    };
    connection.onRequest(PluginStartsBroadcastRequest.type, (params) => {
      controlled(params).startAgain();
      return null;
    });
    connection.onRequest(PluginStopsBroadcastRequest.type, async (params) => {
      await controlled(params).stop();
      return null;
    });
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
