import type { Disposable } from 'vscode-jsonrpc';
import * as z from 'zod';
import type { Event } from '../../../base/event.js';
import { RateLimiter } from '../../../base/rate-limiter.js';
import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import type { Settings } from '../../../plugins/settings.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { PluginErrorNotification } from '../../../protocol/extension-host.js';
import type { RpcConnection } from '../../../rpc/rpc-connection.js';
import type { Log } from '../../log/log.js';
import type { BroadcastFeed } from '../../main-thread/broadcast-feed.js';
import type { CommandRegistry } from '../../main-thread/command-registry.js';
import { FromPluginSchema, HostChannel } from '../../main-thread/host-channel.js';
import { MainThreadBroadcast } from '../../main-thread/main-thread-broadcast.js';
import { MainThreadCommands } from '../../main-thread/main-thread-commands.js';
import { MainThreadConfiguration } from '../../main-thread/main-thread-configuration.js';
import { MainThreadProgress } from '../../main-thread/main-thread-progress.js';
import { MainThreadSecrets } from '../../main-thread/main-thread-secrets.js';
import { MainThreadStatusItems } from '../../main-thread/main-thread-status-items.js';
import { MainThreadStorage } from '../../main-thread/main-thread-storage.js';
import { MainThreadWindow } from '../../main-thread/main-thread-window.js';
import type { Dialogs } from '../../streamer/dialogs.js';
import type { NoticeSink } from '../../streamer/notice-sink.js';
import type { PluginStore } from '../store/plugin-store.js';

export interface HostSessionOptions {
  readonly connection: RpcConnection;
  readonly plugins: readonly InstalledPlugin[];
  readonly commands: CommandRegistry;
  readonly feed: BroadcastFeed;
  readonly settings: Settings;
  readonly store: PluginStore;
  readonly dialogs: Dialogs;
  readonly notices: NoticeSink;
  readonly log: Log;
  readonly commandDeadlineMs: number;
}

const Fault = FromPluginSchema.extend({
  fatal: z.boolean(),
  message: z.string().max(20_000),
  stack: z.string().max(20_000).optional(),
});

/** What lives as long as one host does: the core's side of each namespace of the API, on its connection. */
export class HostSession implements Disposable {
  readonly connection: RpcConnection;
  readonly statusItems: MainThreadStatusItems;
  /** The host sends so much that is not valid that it should be ended. */
  readonly onDidMisuse: Event<BulkheadError>;
  /** Whether each plugin that was wanted at its start has been activated or has failed to be. */
  settled = false;
  private readonly active = new Map<string, InstalledPlugin>();
  private readonly held: readonly Disposable[];
  private readonly faults = new RateLimiter({ burst: 100, perSecond: 10 });
  private fault: BulkheadError | undefined;

  constructor({
    connection,
    plugins,
    commands,
    feed,
    settings,
    store,
    dialogs,
    notices,
    log,
    commandDeadlineMs,
  }: HostSessionOptions) {
    this.connection = connection;
    const ids = plugins.map(({ id }) => id);
    const channel = new HostChannel(connection, new Set(ids));
    this.onDidMisuse = channel.onDidMisuse;
    this.statusItems = new MainThreadStatusItems(channel, plugins);
    new MainThreadSecrets(channel, store);
    this.held = [
      channel.receive(
        PluginErrorNotification.type,
        Fault,
        ({ plugin, message, stack, fatal }) => {
          log.error(message, { plugin, stack });
          if (!fatal) return;
          const cause = new Error(message);
          if (stack !== undefined) cause.stack = stack;
          this.fault = new BulkheadError(ErrorCodes.pluginFailed, message, { where: plugin, cause });
        },
        () => this.faults.take(),
      ),
      new MainThreadCommands(channel, commands, commandDeadlineMs),
      new MainThreadWindow(channel, { notices, questions: dialogs.questions, log }),
      new MainThreadProgress(channel, dialogs.progress),
      new MainThreadStorage(channel, store),
      // Last: from here on the host is told things.
      new MainThreadConfiguration(channel, ids, settings),
      new MainThreadBroadcast(channel, plugins, feed),
    ];
  }

  /** The failure that the host said it ends because of. */
  get fatalFault(): BulkheadError | undefined {
    return this.fault;
  }

  failure({ id }: InstalledPlugin, what: string): BulkheadError {
    return new BulkheadError(ErrorCodes.pluginFailed, `the plugin "${id}" failed: ${what}`, { where: id });
  }

  markActive(plugin: InstalledPlugin): void {
    this.active.set(plugin.id, plugin);
  }

  isActive({ id }: InstalledPlugin): boolean {
    return this.active.has(id);
  }

  activePlugins(): InstalledPlugin[] {
    return [...this.active.values()];
  }

  dispose(): void {
    for (const item of this.held) item.dispose();
  }
}
