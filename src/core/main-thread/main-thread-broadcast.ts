import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import { RateLimiter } from '../../base/rate-limiter.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  AddMarkerRequest,
  BroadcastMarkersNotification,
  type BroadcastSnapshot,
  BroadcastSnapshotNotification,
  BroadcastSpliceNotification,
  type BroadcastSpliceParams,
  type BroadcastTarget,
  BroadcastTargetNotification,
  PluginStartsBroadcastRequest,
  PluginStopsBroadcastRequest,
} from '../../protocol/plugin-broadcast.js';
import type { BroadcastMarker } from '../../protocol/status/status.js';
import { BroadcastView } from '../broadcast/broadcast-view.js';
import { BroadcastFeed } from './broadcast-feed.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { MarkerLabel } from './plugin-text.js';
import { requirePermission } from './require-permission.js';

const Marking = FromPluginSchema.extend({ label: MarkerLabel });

/**
 * Sends hosts the state of the broadcast, and lets plugins control it if permitted. Its pair in the host is
 * `ExtHostBroadcast`.
 */
@injectable()
export class MainThreadBroadcast implements MainThreadNamespace {
  constructor(
    @inject(BroadcastView) private readonly broadcast: BroadcastView,
    @inject(BroadcastFeed) private readonly feed: BroadcastFeed,
  ) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    this.serveControl(channel, plugins);
    const { broadcast, feed } = this;
    // A host that does not read its channel misses snapshots; the core does not buffer them.
    const send = (snapshot: BroadcastSnapshot) =>
      channel.sendNotification(BroadcastSnapshotNotification.type, snapshot);
    send(feed.snapshot());
    const sendMarkers = (markers: readonly BroadcastMarker[]) =>
      channel.sendNotification(BroadcastMarkersNotification.type, { markers });
    sendMarkers(broadcast.markers.list());
    const sendTarget = (target: BroadcastTarget | undefined) =>
      channel.sendNotification(BroadcastTargetNotification.type, { target: target ?? null });
    sendTarget(broadcast.target);
    const subscriptions = new DisposableStore();
    subscriptions.add(broadcast.onDidChangeTarget(sendTarget));
    subscriptions.add(feed.onSnapshot(send));
    subscriptions.add(broadcast.markers.onDidChange(() => sendMarkers(broadcast.markers.list())));
    if (plugins.some(({ apiProposals }) => apiProposals.includes('broadcastSplices'))) {
      const sendSplice = (splice: BroadcastSpliceParams) =>
        channel.sendNotification(BroadcastSpliceNotification.type, splice);
      subscriptions.add(broadcast.onDidSplice(sendSplice));
    }
    return subscriptions;
  }

  private serveControl(channel: HostChannel, plugins: readonly InstalledPlugin[]): void {
    const { broadcast } = this;
    // Every marker is sent to every host.
    const markers = new RateLimiter({ burst: 10, perSecond: 1 });
    channel.serve(PluginStartsBroadcastRequest.type, FromPluginSchema, async ({ plugin }) => {
      requirePermission(plugins, plugin, 'broadcast.control');
      await broadcast.startAgain();
      return null;
    });
    channel.serve(PluginStopsBroadcastRequest.type, FromPluginSchema, async ({ plugin }) => {
      requirePermission(plugins, plugin, 'broadcast.control');
      await broadcast.stop();
      return null;
    });
    channel.serve(AddMarkerRequest.type, Marking, ({ plugin, label }) => {
      requirePermission(plugins, plugin, 'broadcast.marker');
      if (markers.take()) return broadcast.addMarker(label, plugin);
      throw new BulkheadError(
        ErrorCodes.rpcBusy,
        `the plugin "${plugin}" sets more than one marker a second`,
        { where: plugin },
      );
    });
  }
}
