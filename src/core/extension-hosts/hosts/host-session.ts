import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import * as z from 'zod';
import { DisposableStore } from '../../../base/disposable-store.js';
import { Emitter, type Event } from '../../../base/event.js';
import { RateLimiter } from '../../../base/rate-limiter.js';
import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { PluginErrorNotification } from '../../../protocol/extension-host.js';
import type { RpcConnection } from '../../../rpc/rpc-connection.js';
import type { Log } from '../../log/log.js';
import { FromPluginSchema, HostChannel } from '../../main-thread/host-channel.js';
import type { MainThreadNamespace } from '../../main-thread/main-thread-namespace.js';

const Fault = FromPluginSchema.extend({
  fatal: z.boolean(),
  message: z.string().max(20_000),
  stack: z.string().max(20_000).optional(),
});

/** The state of one run of a host: what each API namespace keeps for it, on its connection. */
export class HostSession implements Disposable {
  /** The host sends what is not valid, too often or what cannot be read on, and should be ended. */
  readonly onDidMisuse: Event<BulkheadError>;
  /** Whether each plugin requested at its start has been activated or has failed. */
  settled = false;
  private readonly active = new Map<string, InstalledPlugin>();
  private readonly held: DisposableStore;
  private readonly faults = new RateLimiter({ burst: 100, perSecond: 10 });
  private fault: BulkheadError | undefined;
  private failed = false;
  private readonly activateEmitter = new Emitter<string>();

  constructor(
    readonly connection: RpcConnection,
    plugins: readonly InstalledPlugin[],
    private readonly log: Log,
    namespaces: readonly MainThreadNamespace[],
    frames?: Readable,
  ) {
    const channel = new HostChannel(connection, new Set(plugins.map(({ id }) => id)));
    this.onDidMisuse = channel.onDidMisuse;
    const lifecycle = { onWillActivate: this.activateEmitter.event, hasFailed: () => this.failed };
    this.held = new DisposableStore([
      channel.receive(
        PluginErrorNotification.type,
        Fault,
        (fault) => this.noteFault(fault),
        () => this.faults.take(),
      ),
      ...namespaces.map((namespace) => namespace.serve({ channel, frames, plugins, log, lifecycle })),
      channel,
      this.activateEmitter,
    ]);
  }

  /** The failure that the host gave as the reason for its exit. */
  get fatalFault(): BulkheadError | undefined {
    return this.fault;
  }

  failure({ id }: InstalledPlugin, what: string): BulkheadError {
    return new BulkheadError(ErrorCodes.pluginFailed, `the plugin "${id}" failed: ${what}`, { where: id });
  }

  /** To be called before the plugin is activated. */
  willActivate({ id }: InstalledPlugin): void {
    this.activateEmitter.fire(id);
  }

  /** The host has ended unexpectedly: to be called before the session is disposed of. */
  noteFailure(): void {
    this.failed = true;
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

  private noteFault({ plugin, message, stack, fatal }: z.infer<typeof Fault>): void {
    this.log.error(message, { plugin, stack });
    if (!fatal) return;
    const cause = new Error(message);
    if (stack !== undefined) cause.stack = stack;
    this.fault = new BulkheadError(ErrorCodes.pluginFailed, message, { where: plugin, cause });
  }

  dispose(): void {
    this.held.dispose();
  }
}
