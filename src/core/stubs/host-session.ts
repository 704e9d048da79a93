import type { Disposable } from 'vscode-jsonrpc';
import * as z from 'zod';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { type PluginDescription, PluginErrorNotification } from '../../protocol/extension-host.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import type { NoticeSink } from '../control/notice-sink.js';
import type { Log } from '../log/log.js';
import type { BroadcastFeed } from '../main-thread/broadcast-feed.js';
import type { CommandRegistry } from '../main-thread/command-registry.js';
import { FromPluginSchema, HostIdentity } from '../main-thread/host-identity.js';
import { MainThreadBroadcast } from '../main-thread/main-thread-broadcast.js';
import { MainThreadCommands } from '../main-thread/main-thread-commands.js';
import { MainThreadWindow } from '../main-thread/main-thread-window.js';
import { RateLimiter } from '../main-thread/rate-limiter.js';

export interface HostSessionOptions {
  readonly connection: RpcConnection;
  readonly plugins: readonly PluginDescription[];
  readonly commands: CommandRegistry;
  readonly feed: BroadcastFeed;
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
  /** Whether each plugin has been activated or has failed to be. */
  settled = false;
  private readonly active = new Map<string, PluginDescription>();
  private readonly held: readonly Disposable[];
  private readonly faults = new RateLimiter({ burst: 100, perSecond: 10 });
  private fault: BulkheadError | undefined;

  constructor({ connection, plugins, commands, feed, notices, log, commandDeadlineMs }: HostSessionOptions) {
    this.connection = connection;
    const identity = new HostIdentity(new Set(plugins.map(({ id }) => id)));
    this.held = [
      connection.onDidFailHandler(({ error }) => log.warn(BulkheadError.from(error).message)),
      connection.onNotification(PluginErrorNotification.type, (params) => {
        if (!this.faults.take()) return;
        const { plugin, message, stack, fatal } = identity.check(Fault, params);
        log.error(message, { plugin, stack });
        if (!fatal) return;
        const cause = new Error(message);
        if (stack !== undefined) cause.stack = stack;
        this.fault = new BulkheadError(ErrorCodes.pluginFailed, message, { where: plugin, cause });
      }),
      new MainThreadCommands(connection, identity, commands, commandDeadlineMs),
      new MainThreadWindow(connection, identity, notices, log),
      // Last: from here on the host is told things.
      new MainThreadBroadcast(connection, feed),
    ];
  }

  /** The failure that the host said it ends because of. */
  get fatalFault(): BulkheadError | undefined {
    return this.fault;
  }

  failure({ id }: PluginDescription, what: string): BulkheadError {
    return new BulkheadError(ErrorCodes.pluginFailed, `the plugin "${id}" failed: ${what}`, { where: id });
  }

  markActive(plugin: PluginDescription): void {
    this.active.set(plugin.id, plugin);
  }

  activePlugins(): PluginDescription[] {
    return [...this.active.values()];
  }

  dispose(): void {
    for (const item of this.held) item.dispose();
  }
}
