import type { Disposable } from 'vscode-jsonrpc';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import type { Permission } from '../../plugins/manifest.js';
import type { BroadcastMarker } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  AddMarkerRequest,
  BroadcastMarkersNotification,
  type BroadcastSnapshot,
  BroadcastSnapshotNotification,
  BroadcastSpliceNotification,
  PluginStartsBroadcastRequest,
  PluginStopsBroadcastRequest,
} from '../../protocol/plugin-broadcast.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import type { BroadcastFeed } from './broadcast-feed.js';
import type { BroadcastView } from './broadcast-view.js';
import { FromPluginSchema, type HostIdentity } from './host-identity.js';
import { MarkerLabel } from './plugin-text.js';
import { RateLimiter } from './rate-limiter.js';
import { requirePermission } from './require-permission.js';

const Marking = FromPluginSchema.extend({ label: MarkerLabel });

/** Tells one host what becomes of the broadcast, and lets its plugins control it if they may. Its pair there is `ExtHostBroadcast`. */
export class MainThreadBroadcast implements Disposable {
  private readonly subscriptions: readonly Disposable[];
  /** Every host is told of every marker. */
  private readonly markers = new RateLimiter({ burst: 10, perSecond: 1 });

  constructor(
    connection: RpcConnection,
    identity: HostIdentity,
    plugins: readonly InstalledPlugin[],
    feed: BroadcastFeed,
  ) {
    const broadcastFor = (plugin: string, permission: Permission): BroadcastView => {
      requirePermission(plugins, plugin, permission);
      if (feed.broadcast === undefined) {
        throw new BulkheadError(ErrorCodes.broadcastState, 'there is no broadcast', { where: plugin });
      }
      return feed.broadcast;
    };
    const controlled = (params: unknown) =>
      broadcastFor(identity.check(FromPluginSchema, params).plugin, 'broadcast.control');
    connection.onRequest(PluginStartsBroadcastRequest.type, (params) => {
      controlled(params).startAgain();
      return null;
    });
    connection.onRequest(PluginStopsBroadcastRequest.type, async (params) => {
      await controlled(params).stop();
      return null;
    });
    connection.onRequest(AddMarkerRequest.type, (params) => {
      const { plugin, label } = identity.check(Marking, params);
      const broadcast = broadcastFor(plugin, 'broadcast.marker');
      if (this.markers.take()) return broadcast.addMarker(label, plugin);
      throw new BulkheadError(
        ErrorCodes.rpcBusy,
        `the plugin "${plugin}" sets more than one marker a second`,
        {
          where: plugin,
        },
      );
    });
    // A host that does not read its channel loses snapshots; the core keeps nothing for it.
    const send = (snapshot: BroadcastSnapshot) =>
      void connection.sendNotification(BroadcastSnapshotNotification.type, snapshot);
    const current = feed.snapshot();
    if (current !== undefined) send(current);
    const sendMarkers = (markers: readonly BroadcastMarker[]) =>
      void connection.sendNotification(BroadcastMarkersNotification.type, { markers });
    sendMarkers(feed.broadcast?.markers.list() ?? []);
    const mayHearSplices = plugins.some(({ apiProposals }) => apiProposals.includes('broadcastSplices'));
    this.subscriptions = [
      feed.onSnapshot(send),
      feed.onDidChangeMarkers(sendMarkers),
      ...(mayHearSplices
        ? [
            feed.onDidSplice(
              (splice) => void connection.sendNotification(BroadcastSpliceNotification.type, splice),
            ),
          ]
        : []),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
