import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../../base/disposable-store.js';
import { Emitter, type Event } from '../../../base/event.js';
import { RateLimiter } from '../../../base/rate-limiter.js';
import * as z from '../../../base/zod.js';
import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { PluginErrorNotification } from '../../../protocol/extension-host.js';
import type { PluginExports } from '../../../protocol/plugin-exports.js';
import type { RpcConnection } from '../../../rpc/rpc-connection.js';
import type { Log } from '../../log/log.js';
import { FromPluginSchema, HostChannel } from '../../main-thread/host-channel.js';
import type {
  ActivatedPlugin,
  HostLifecycle,
  MainThreadNamespace,
} from '../../main-thread/main-thread-namespace.js';

const Fault = FromPluginSchema.extend({
  fatal: z.boolean(),
  message: z.string().max(20_000),
  rejections: z.int().min(1).optional(),
  stack: z.string().max(20_000).optional(),
});

/** A promise of a plugin was rejected that nobody handles; the plugin runs on. */
export interface UnhandledRejection {
  readonly failure: BulkheadError;
  /** How many there have been in this run of the host. */
  readonly count: number;
}

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
  private readonly activatedEmitter = new Emitter<ActivatedPlugin>();
  private readonly deactivateEmitter = new Emitter<string>();
  private readonly regrantEmitter = new Emitter<void>();
  private readonly rejectEmitter = new Emitter<UnhandledRejection>();
  readonly onDidReject: Event<UnhandledRejection> = this.rejectEmitter.event;

  constructor(
    readonly connection: RpcConnection,
    plugins: readonly InstalledPlugin[],
    private readonly log: Log,
    namespaces: readonly MainThreadNamespace[],
    frames?: Readable,
  ) {
    const channel = new HostChannel(connection, new Set(plugins.map(({ id }) => id)));
    this.onDidMisuse = channel.onDidMisuse;
    const lifecycle: HostLifecycle = {
      onWillActivate: this.activateEmitter.event,
      onDidActivate: this.activatedEmitter.event,
      onWillDeactivate: this.deactivateEmitter.event,
      onDidRegrant: this.regrantEmitter.event,
      hasFailed: () => this.failed,
    };
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
      this.activatedEmitter,
      this.deactivateEmitter,
      this.regrantEmitter,
      this.rejectEmitter,
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

  /** To be called when permissions of its plugins have changed. */
  regrant(): void {
    this.regrantEmitter.fire();
  }

  /** The host has ended unexpectedly: to be called before the session is disposed of. */
  noteFailure(): void {
    this.failed = true;
  }

  markActive(plugin: InstalledPlugin, exports: PluginExports | undefined): void {
    this.active.set(plugin.id, plugin);
    this.activatedEmitter.fire({ id: plugin.id, exports });
  }

  /** To be called before an active plugin is deactivated. */
  willDeactivate({ id }: InstalledPlugin): void {
    this.deactivateEmitter.fire(id);
  }

  isActive({ id }: InstalledPlugin): boolean {
    return this.active.has(id);
  }

  activePlugins(): InstalledPlugin[] {
    return [...this.active.values()];
  }

  private noteFault({ plugin, message, stack, fatal, rejections: count }: z.infer<typeof Fault>): void {
    this.log.error(message, { plugin, stack, ...(count !== undefined && { rejections: count }) });
    const cause = new Error(message);
    if (stack !== undefined) cause.stack = stack;
    const failure = new BulkheadError(ErrorCodes.pluginFailed, message, { where: plugin, cause });
    if (fatal) this.fault = failure;
    else if (count !== undefined) this.rejectEmitter.fire({ failure, count });
  }

  dispose(): void {
    this.held.dispose();
  }
}
