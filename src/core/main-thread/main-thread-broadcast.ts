import type { Disposable } from 'vscode-jsonrpc';
import { RateLimiter } from '../../base/rate-limiter.js';
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
import type { BroadcastFeed } from './broadcast-feed.js';
import type { BroadcastView } from './broadcast-view.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import { MarkerLabel } from './plugin-text.js';
import { requirePermission } from './require-permission.js';

const Marking = FromPluginSchema.extend({ label: MarkerLabel });

/** Tells one host what becomes of the broadcast, and lets its plugins control it if they may. Its pair there is `ExtHostBroadcast`. */
export class MainThreadBroadcast implements Disposable {
  private readonly subscriptions: readonly Disposable[];
  /** Every host is told of every marker. */
  private readonly markers = new RateLimiter({ burst: 10, perSecond: 1 });

  constructor(channel: HostChannel, plugins: readonly InstalledPlugin[], feed: BroadcastFeed) {
    const broadcastFor = (plugin: string, permission: Permission): BroadcastView => {
      requirePermission(plugins, plugin, permission);
      if (feed.broadcast === undefined) {
        throw new BulkheadError(ErrorCodes.broadcastState, 'there is no broadcast', { where: plugin });
      }
      return feed.broadcast;
    };
    channel.serve(PluginStartsBroadcastRequest.type, FromPluginSchema, async ({ plugin }) => {
      await broadcastFor(plugin, 'broadcast.control').startAgain();
      return null;
    });
    channel.serve(PluginStopsBroadcastRequest.type, FromPluginSchema, async ({ plugin }) => {
      await broadcastFor(plugin, 'broadcast.control').stop();
      return null;
    });
    channel.serve(AddMarkerRequest.type, Marking, ({ plugin, label }) => {
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
      channel.sendNotification(BroadcastSnapshotNotification.type, snapshot);
    const current = feed.snapshot();
    if (current !== undefined) send(current);
    const sendMarkers = (markers: readonly BroadcastMarker[]) =>
      channel.sendNotification(BroadcastMarkersNotification.type, { markers });
    sendMarkers(feed.broadcast?.markers.list() ?? []);
    const mayHearSplices = plugins.some(({ apiProposals }) => apiProposals.includes('broadcastSplices'));
    this.subscriptions = [
      feed.onSnapshot(send),
      feed.onDidChangeMarkers(sendMarkers),
      ...(mayHearSplices
        ? [feed.onDidSplice((splice) => channel.sendNotification(BroadcastSpliceNotification.type, splice))]
        : []),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
