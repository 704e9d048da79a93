import { type Disposable, Emitter, type Event } from 'vscode-jsonrpc/node';
import type { ExtensionHostStatus, PartState } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  ActivatePluginRequest,
  DeactivatePluginRequest,
  type PluginDescription,
} from '../../protocol/extension-host.js';
import type { NoticeSink } from '../control/notice-sink.js';
import type { Log } from '../log/log.js';
import type { BroadcastFeed } from '../main-thread/broadcast-feed.js';
import type { CommandRegistry } from '../main-thread/command-registry.js';
import type { PartLauncher } from '../processes/part-launcher.js';
import { type PartEnd, PartSupervisor, type ReadyPart } from '../processes/part-supervisor.js';
import type { SupervisionLimits } from '../processes/supervision-limits.js';
import { HostSession } from './host-session.js';

/** How long plugins may take, ms. */
export interface PluginDeadlines {
  /** For loading the module and for `activate`. */
  readonly activateMs: number;
  readonly deactivateMs: number;
  /** For one run of a command. */
  readonly commandMs: number;
}

export const DEFAULT_DEADLINES: PluginDeadlines = {
  activateMs: 10_000,
  deactivateMs: 5000,
  commandMs: 30_000,
};

/** The host keeps plugins' deadlines; how much later the core takes the host itself for stuck, ms. */
const HOST_SLACK_MS = 2000;
/** Time for a host without active plugins to end, ms. */
const SHUTDOWN_DEADLINE_MS = 1000;

export interface ExtensionHostStubOptions {
  readonly launcher: PartLauncher;
  readonly logLevel: string;
  /** What it loads: one plugin, or a group that shares the host. */
  readonly plugins: readonly PluginDescription[];
  readonly commands: CommandRegistry;
  readonly feed: BroadcastFeed;
  readonly notices: NoticeSink;
  readonly log: Log;
  readonly deadlines?: Partial<PluginDeadlines>;
  readonly limits?: Partial<SupervisionLimits>;
}

/**
 * The plugin stub (patent: the main control process calls the stub, which calls the plugin loading process). Keeps one
 * extension host running and its plugins active in it: after a crash they are activated again. Nothing in it waits for a
 * plugin but what asked for it.
 */
export class ExtensionHostStub implements Disposable {
  private readonly supervisor: PartSupervisor;
  private readonly deadlines: PluginDeadlines;
  private session: HostSession | undefined;
  private readonly failures = new Map<string, BulkheadError>();
  /** Why the host ended the last time. */
  private crash: BulkheadError | undefined;
  private readonly changeEmitter = new Emitter<void>();
  /** Fires when `status().state` or its error may have changed. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  constructor(private readonly options: ExtensionHostStubOptions) {
    const { launcher, logLevel, limits, log } = options;
    this.deadlines = { ...DEFAULT_DEADLINES, ...options.deadlines };
    this.supervisor = new PartSupervisor({
      launcher,
      logLevel,
      spare: false,
      ...(limits === undefined ? {} : { limits }),
    });
    this.supervisor.onDidBecomeReady((part) => void this.begin(part));
    this.supervisor.onDidEnd((end) => this.ended(end));
    this.supervisor.onDidChangeState(() => this.changeEmitter.fire());
    this.supervisor.onDidLog(({ level, message, pid }) => log[level](`${this.name} (${pid}): ${message}`));
  }

  get plugins(): readonly PluginDescription[] {
    return this.options.plugins;
  }

  /** Starts the host; also one that has been given up. */
  start(): void {
    this.supervisor.start();
  }

  /** Deactivates the plugins and ends the host. Resolves when its process is gone. */
  async stop(): Promise<void> {
    const { session, supervisor } = this;
    // One that answers nothing will not answer this either.
    if (session !== undefined && supervisor.state === 'running') {
      await Promise.all(session.activePlugins().map((plugin) => this.deactivate(session, plugin)));
    }
    await supervisor.stop(SHUTDOWN_DEADLINE_MS);
    this.endSession();
  }

  status(): ExtensionHostStatus {
    const { supervisor } = this;
    const error = this.error();
    return {
      pid: supervisor.pid,
      plugins: this.plugins.map(({ id }) => id),
      restarts: supervisor.restarts,
      state: this.state(),
      isolated: supervisor.isolated,
      ...(error === undefined ? {} : { error: error.toData() }),
    };
  }

  /** A host runs once its plugins are active. */
  private state(): PartState {
    const { state } = this.supervisor;
    return state === 'running' && this.session?.settled !== true ? 'starting' : state;
  }

  private error(): BulkheadError | undefined {
    const [failure] = this.failures.values();
    if (failure !== undefined) return failure;
    const { error } = this.supervisor;
    if (error === undefined) return undefined;
    // The supervisor knows only a role; here it is known whose host it was, and often what the plugin did.
    const last = this.crash?.message ?? error.message;
    const message =
      this.supervisor.state === 'quarantined'
        ? `the plugin "${this.name}" crashed again and again and stays off; the last time: ${last}`
        : last;
    return new BulkheadError(error.code, message, {
      where: this.name,
      remedy: error.remedy,
      cause: error,
    });
  }

  private get name(): string {
    return this.plugins.map(({ id }) => id).join(', ');
  }

  private async begin({ connection }: ReadyPart): Promise<void> {
    const { plugins, commands, feed, notices, log } = this.options;
    this.endSession();
    this.failures.clear();
    const session = new HostSession({
      connection,
      plugins,
      commands,
      feed,
      notices,
      log,
      commandDeadlineMs: this.deadlines.commandMs,
    });
    this.session = session;
    await Promise.all(plugins.map((plugin) => this.activate(session, plugin)));
    if (this.session !== session) return;
    session.settled = true;
    const [failure] = this.failures.values();
    if (failure !== undefined && session.activePlugins().length === 0) this.supervisor.giveUp(failure);
    this.changeEmitter.fire();
  }

  private async activate(session: HostSession, plugin: PluginDescription): Promise<void> {
    const { activateMs: deadlineMs } = this.deadlines;
    try {
      await session.connection.sendRequest(
        ActivatePluginRequest.type,
        { plugin, deadlineMs },
        { deadlineMs: deadlineMs + HOST_SLACK_MS },
      );
      session.markActive(plugin);
      this.options.log.info(`the plugin "${plugin.id}" ${plugin.version} is active`);
    } catch (error) {
      // A host that has ended is the supervisor's to start again.
      if (this.session !== session || session.connection.closed) return;
      const failure = BulkheadError.from(error, ErrorCodes.pluginFailed);
      if (failure.code === ErrorCodes.rpcTimeout) {
        this.supervisor.fail(
          session.failure(plugin, `activate: no answer in ${deadlineMs + HOST_SLACK_MS} ms`),
        );
        return;
      }
      this.failures.set(plugin.id, failure);
      this.report(plugin.id, failure);
    }
  }

  private async deactivate({ connection }: HostSession, { id }: PluginDescription): Promise<void> {
    const { deactivateMs: deadlineMs } = this.deadlines;
    try {
      await connection.sendRequest(
        DeactivatePluginRequest.type,
        { id, deadlineMs },
        { deadlineMs: deadlineMs + HOST_SLACK_MS },
      );
    } catch (error) {
      this.options.log.warn(BulkheadError.from(error).message, { plugin: id });
    }
  }

  private ended({ reason, expected }: PartEnd): void {
    const fault = this.session?.fatalFault;
    this.endSession();
    if (expected || reason === undefined) return;
    this.crash = fault ?? reason;
    const { state } = this.supervisor;
    // An activation that failed has been reported as that.
    if (this.failures.size > 0) return;
    const consequence =
      state === 'quarantined' || state === 'failed'
        ? 'It stays off until the next broadcast.'
        : 'It is being started again.';
    this.report(
      this.name,
      new BulkheadError(
        ErrorCodes.pluginFailed,
        fault?.message ?? `the plugin "${this.name}" failed: ${reason.message}`,
        { where: this.name, remedy: consequence, cause: fault?.cause ?? reason },
      ),
      state === 'restarting' ? 'warning' : 'error',
    );
  }

  private report(source: string, failure: BulkheadError, severity: 'warning' | 'error' = 'error'): void {
    const message = failure.sentence;
    this.options.notices.notice({ severity, source, message });
    this.options.log.error(message, { plugin: source, stack: stackOf(failure) });
  }

  private endSession(): void {
    this.session?.dispose();
    this.session = undefined;
  }

  dispose(): void {
    this.endSession();
    this.supervisor.dispose();
    this.changeEmitter.dispose();
  }
}

/** The innermost stack: the plugin's own. */
function stackOf(error: Error): string | undefined {
  const { cause } = error;
  return cause instanceof Error ? stackOf(cause) : error.stack;
}
