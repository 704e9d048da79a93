import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../../base/disposable-store.js';
import { Emitter, type Event } from '../../../base/event.js';
import {
  announcedCommands,
  describePlugin,
  type InstalledPlugin,
} from '../../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { ActivatePluginRequest, PrepareHostNotification } from '../../../protocol/extension-host.js';
import type { PartState } from '../../../protocol/lifecycle.js';
import type { ExtensionHostStatus } from '../../../protocol/status/extension-host-status.js';
import { deadlineFor, isDebugged } from '../../main-thread/plugin-deadlines.js';
import { exportsIn } from '../../main-thread/plugin-exports.js';
import { type PartEnd, PartSupervisor, type ReadyPart } from '../../processes/part-supervisor.js';
import { networkAccess } from '../isolation/granted-network.js';
import type { HostLauncher } from '../isolation/host-launchers.js';
import { deactivatePlugin } from './deactivate-plugin.js';
import type { HostPlan, HostServices } from './host-plan.js';
import { HostReports } from './host-reports.js';
import { HostSession } from './host-session.js';
import type { QueuedStart } from './start-queue.js';
import { waitForChange } from './wait-for-change.js';

/** The host enforces plugins' deadlines; how much later the core considers the host itself stuck, ms. */
const HOST_SLACK_MS = 2000;
/** Deadline for a host to start or restart when a call to one of its plugins waits for it, ms. */
const HOST_START_MS = 5000;
/** How long the end of a host waits for a profile being written, ms. */
const PROFILE_DEADLINE_MS = 1000;
/** Deadline for a host without active plugins to end, ms. */
const SHUTDOWN_DEADLINE_MS = 1000;

/**
 * The plugin stub (patent: the main control process calls the stub, which calls the plugin loading process). Keeps one
 * extension host running and its plugins active in it: after a crash they are activated again. Only calls to a plugin
 * wait for it.
 */
export class ExtensionHostStub implements Disposable {
  private readonly launcher: HostLauncher;
  private readonly supervisor: PartSupervisor;
  private readonly reports: HostReports;
  private session: HostSession | undefined;
  private queued: QueuedStart | undefined;
  private readonly failures = new Map<string, BulkheadError>();
  /** Ids of the plugins that have been activated: they are activated again after each restart of the host. */
  private readonly wanted = new Set<string>();
  private readonly announced: DisposableStore;
  private readonly profiling: Disposable | undefined;
  private readonly leavingOut: Disposable | undefined;
  /** Path of the CPU profile of its last hang. */
  private profile: string | undefined;
  /** Why the host last crashed. */
  private crash: BulkheadError | undefined;
  private readonly changeEmitter = new Emitter<void>();
  /** Fires when `status().state` or its error may have changed. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  constructor(
    private readonly plan: HostPlan,
    private readonly services: HostServices,
  ) {
    const { plugins, crashesBefore, log } = plan;
    const { launchers, logLevel, limits, commands, store, notices } = services;
    this.launcher = launchers.launcherFor(
      plugins.map((plugin) => ({ plugin, folders: store.foldersOf(plugin.id) })),
    );
    this.reports = new HostReports(plugins, notices, log);
    this.supervisor = new PartSupervisor({
      launcher: this.launcher,
      logLevel,
      spare: plugins.some(({ source }) => source === 'development'),
      limits: isDebugged(plugins) ? { ...limits, terminateAfterMissed: Number.POSITIVE_INFINITY } : limits,
      crashesBefore,
    });
    this.supervisor.onDidBecomeReady((part) => void this.begin(part));
    this.supervisor.onDidEnd((end) => this.ended(end));
    this.supervisor.onDidWarmSpare((connection) => {
      const guarded = networkAccess(plugins) !== 'all';
      connection.sendNotification(PrepareHostNotification.type, { guarded });
      this.changeEmitter.fire();
    });
    this.supervisor.onDidChangeState((state) => {
      if (state === 'unresponsive' && !isDebugged(plugins)) this.reports.unresponsive();
      this.changeEmitter.fire();
    });
    this.profiling = this.launcher.onDidProfile?.((outcome) => {
      this.profile = this.reports.profiled(outcome) ?? this.profile;
      this.changeEmitter.fire();
    });
    this.leavingOut = this.launcher.onDidLeaveOut?.((what) => this.reports.leftOut(what));
    this.supervisor.onDidLog(({ level, message, pid }) => log[level](`${this.name} (${pid}): ${message}`));
    this.announced = new DisposableStore(
      plugins.flatMap((plugin) =>
        announcedCommands(plugin).map((command) => {
          const declared = plugin.contributes.commands.find((one) => one.command === command);
          const activate = () => this.activatePlugin(plugin);
          return commands.contribute(command, plugin.id, activate, declared?.title, declared?.enablement);
        }),
      ),
    );
    this.fire('onStartupFinished');
  }

  /** Times of the crashes that count, by `performance.now()`. */
  get recentCrashes(): readonly number[] {
    return this.supervisor.recentCrashes;
  }

  /** Whether its plugins could read what they must not any more: see `HostLauncher`. */
  get isOutdated(): boolean {
    return this.launcher.isOutdated === true;
  }

  /** Bytes received from its process. */
  get receivedBytes(): number {
    return this.supervisor.active?.connection.receivedBytes ?? 0;
  }

  get plugins(): readonly InstalledPlugin[] {
    return this.plan.plugins;
  }

  /** Starts the host, even one that has been given up. */
  start(): void {
    const { state } = this.supervisor;
    // Earlier errors do not apply to this attempt.
    if (state !== 'stopped' && state !== 'failed' && state !== 'quarantined') return;
    this.failures.clear();
    if (this.queued !== undefined) return;
    const queued: QueuedStart = { begin: () => this.beginQueued(queued) };
    this.queued = queued;
    if (this.plan.queue === undefined) void queued.begin();
    else this.plan.queue.add(queued);
  }

  private startHost(): void {
    this.supervisor.start();
    const failure = this.supervisor.state === 'quarantined' ? this.error() : undefined;
    if (failure !== undefined) this.reports.failed(this.name, failure);
  }

  private async beginQueued(queued: QueuedStart): Promise<void> {
    const { store } = this.services;
    await Promise.all([
      this.launcher.prepare?.(),
      ...this.plugins.map(({ id }) => store.makeFilesFolder(id)),
    ]);
    // It may have been stopped in the meantime.
    if (this.queued !== queued) return;
    this.queued = undefined;
    this.startHost();
    await this.launched();
  }

  /** Resolves when the host has started, or has failed to. */
  async launched(): Promise<void> {
    await waitForChange({
      onDidChange: this.onDidChange,
      deadlineMs: HOST_START_MS,
      isDone: () => this.queued === undefined && this.supervisor.state !== 'starting',
      late: () => this.late(HOST_START_MS),
    }).catch(() => {});
  }

  /** Handles an event, for all plugins or one: activates those that name it in `activationEvents`. */
  fire(event: string, only?: string): void {
    for (const plugin of this.plugins) {
      if (only !== undefined && only !== plugin.id) continue;
      if (plugin.activationEvents.includes(event)) this.want(plugin);
    }
  }

  /** Permissions of its plugins have changed, none of which it needs another process for. */
  regrant(): void {
    this.launcher.regrant?.();
    this.session?.regrant();
  }

  /**
   * Activates one of the host's plugins, if it is not active.
   *
   * @throws why it is not active, at its deadline at the latest.
   */
  activatePlugin(plugin: InstalledPlugin): Promise<void> {
    const { id } = plugin;
    const deadlineMs = this.activateMs + HOST_SLACK_MS + HOST_START_MS;
    this.want(plugin);
    return waitForChange({
      onDidChange: this.onDidChange,
      deadlineMs,
      isDone: () => {
        if (this.session?.isActive(plugin) === true) return true;
        const failure = this.failures.get(id) ?? this.reasonToStayOff();
        if (failure !== undefined) throw failure;
        return false;
      },
      late: () => this.late(deadlineMs),
    });
  }

  /**
   * Deactivates the plugins and activates them again in another process, which is started first; earlier crashes no
   * longer count. Resolves when that process is in use.
   */
  async restart(): Promise<void> {
    const { supervisor, session } = this;
    supervisor.forgetCrashes();
    if (session === undefined || supervisor.state !== 'running') {
      await this.end();
      this.start();
      return;
    }
    await this.launcher.prepare?.();
    supervisor.prepareSpare();
    await this.warmSpare();
    await this.deactivateAll(session);
    // If it has crashed in the meantime, it is already being restarted.
    if (this.session === session) supervisor.replace(SHUTDOWN_DEADLINE_MS);
  }

  /** Deactivates the plugins and ends the host. Resolves when its process has exited. */
  async stop(): Promise<void> {
    await this.end();
    for (const namespace of this.services.namespaces)
      for (const { id } of this.plugins) namespace.release?.(id);
  }

  private async end(): Promise<void> {
    const { session, supervisor } = this;
    this.leaveQueue();
    // A host that does not respond would not respond to this either.
    if (session !== undefined && supervisor.state === 'running') await this.deactivateAll(session);
    await supervisor.stop(SHUTDOWN_DEADLINE_MS);
    this.endSession();
    await this.launcher.release?.(PROFILE_DEADLINE_MS);
  }

  /** Ends the host permanently, because one of its plugins must not run and a restart would not help. */
  giveUp(plugin: InstalledPlugin, failure: BulkheadError): void {
    this.failures.set(plugin.id, failure);
    this.reports.failed(plugin.id, failure, { withStack: false });
    this.supervisor.giveUp(failure);
    this.changeEmitter.fire();
  }

  /** Whether the plugin has been activated; it is activated again after each restart. */
  isActivated(id: string): boolean {
    return this.wanted.has(id);
  }

  status(): ExtensionHostStatus {
    const { supervisor } = this;
    const error = this.error();
    const statusItems = this.services.statusItems.of(this.plugins);
    const waiting = this.plugins.filter(({ id }) => !this.wanted.has(id)).map(({ id }) => id);
    const failed = [...this.failures].map(([plugin, failure]) => ({ plugin, error: failure.toData() }));
    return {
      pid: supervisor.pid,
      plugins: this.plugins.map(({ id }) => id),
      ...(waiting.length === 0 ? {} : { waiting }),
      ...(this.plugins.length === 1 || failed.length === 0 ? {} : { failed }),
      ...(statusItems.length === 0 ? {} : { statusItems }),
      restarts: supervisor.restarts,
      state: this.state(),
      isolated: supervisor.isolated,
      profile: this.profile,
      error: error?.toData(),
    };
  }

  /** A host counts as running once its plugins are active. */
  private state(): PartState {
    const { state } = this.supervisor;
    if (this.queued !== undefined) return 'starting';
    return state === 'running' && this.session?.settled !== true ? 'starting' : state;
  }

  private error(): BulkheadError | undefined {
    const [failure] = this.failures.values();
    if (failure !== undefined) return failure;
    const { error } = this.supervisor;
    if (error === undefined) return undefined;
    // The supervisor knows only the role; the crash has the plugins' names and often the cause.
    const last = this.crash?.message ?? error.message;
    const message =
      this.supervisor.state === 'quarantined'
        ? `${this.reports.subject} crashed repeatedly and stays off; last error: ${last}`
        : last;
    return new BulkheadError(error.code, message, {
      where: this.name,
      remedy: error.remedy,
      cause: error,
    });
  }

  /** Why no plugin of this host can become active; undefined while it is running or being started. */
  private reasonToStayOff(): BulkheadError | undefined {
    const { state } = this.supervisor;
    if (this.queued !== undefined) return undefined;
    if (state !== 'stopped' && state !== 'failed' && state !== 'quarantined') return undefined;
    return (
      this.error() ??
      new BulkheadError(ErrorCodes.pluginFailed, `${this.reports.subject} does not run`, {
        where: this.name,
      })
    );
  }

  private want(plugin: InstalledPlugin): void {
    if (this.wanted.has(plugin.id)) return;
    this.wanted.add(plugin.id);
    if (this.session !== undefined) void this.activate(this.session, plugin);
  }

  private get name(): string {
    return this.reports.name;
  }

  private get activateMs(): number {
    return deadlineFor(this.plugins, this.services.deadlines.activateMs);
  }

  private async begin({ connection, frames }: ReadyPart): Promise<void> {
    const { plugins, log } = this.plan;
    this.endSession();
    this.failures.clear();
    const session = new HostSession(connection, plugins, log, this.services.namespaces, frames);
    this.session = session;
    session.onDidReject((rejection) => this.reports.rejected(rejection));
    session.onDidMisuse((error) => {
      if (this.session === session) this.supervisor.fail(error);
    });
    const wanted = plugins.filter(({ id }) => this.wanted.has(id));
    await Promise.all(wanted.map((plugin) => this.activate(session, plugin)));
    if (this.session !== session) return;
    session.settled = true;
    this.changeEmitter.fire();
  }

  private async activate(session: HostSession, plugin: InstalledPlugin): Promise<void> {
    const { launchers, store } = this.services;
    const deadlineMs = this.activateMs;
    try {
      await this.plan.after;
      await this.plan.activateDependencies(plugin);
      session.willActivate(plugin);
      const shared = this.plugins.length > 1;
      const folder = await store.makeFilesFolder(plugin.id);
      const answer = await session.connection.sendRequest(
        ActivatePluginRequest.type,
        {
          plugin: describePlugin(plugin, folder, launchers.tier, { shared }),
          deadlineMs,
          inspector: plugin.inspector,
        },
        { deadlineMs: deadlineMs + HOST_SLACK_MS },
      );
      session.markActive(plugin, exportsIn(answer, plugin.id));
      this.plan.log.info(`the plugin "${plugin.id}" ${plugin.version} is active`);
    } catch (error) {
      // A host that has ended is restarted by the supervisor.
      if (this.session !== session || session.connection.closed) return;
      const failure = BulkheadError.from(error, ErrorCodes.pluginFailed);
      if (failure.code === ErrorCodes.rpcTimeout) {
        this.supervisor.fail(
          session.failure(plugin, `activate: no response within ${deadlineMs + HOST_SLACK_MS} ms`),
        );
        return;
      }
      this.failures.set(plugin.id, failure);
      this.reports.failed(plugin.id, failure);
      if (this.failures.size === this.plugins.length) this.supervisor.giveUp(failure);
    }
    this.changeEmitter.fire();
  }

  /** Resolves when a spare is ready, or there will be none. */
  private async warmSpare(): Promise<void> {
    const { supervisor, session } = this;
    await waitForChange({
      onDidChange: this.onDidChange,
      deadlineMs: HOST_START_MS,
      isDone: () => supervisor.warmSpare !== undefined || this.session !== session,
      late: () => this.late(HOST_START_MS),
    }).catch(() => {});
  }

  private async deactivateAll(session: HostSession): Promise<void> {
    const { deactivateMs: deadlineMs } = this.services.deadlines;
    const how = { deadlineMs, slackMs: HOST_SLACK_MS, log: this.plan.log };
    await Promise.all(
      session.activePlugins().map((plugin) => {
        session.willDeactivate(plugin);
        return deactivatePlugin(session.connection, plugin, how);
      }),
    );
  }

  private late(deadlineMs: number): BulkheadError {
    const { name } = this;
    return new BulkheadError(
      ErrorCodes.pluginFailed,
      `${this.reports.subject} was not active within ${deadlineMs} ms`,
      {
        where: name,
      },
    );
  }

  private ended(end: PartEnd): void {
    const { reason, expected } = end;
    const reportedFault = this.session?.fatalFault;
    const fault = reportedFault ?? this.reports.hang(end);
    if (!expected) this.session?.noteFailure();
    this.endSession();
    if (expected || reason === undefined) return;
    this.crash = fault ?? reason;
    // A failed activation has already been reported.
    if (this.failures.size === this.plugins.length) return;
    const { state } = this.supervisor;
    const staysOff = state === 'quarantined' || state === 'failed';
    this.reports.ended(reason, fault, { staysOff, withStack: reportedFault === undefined });
  }

  private leaveQueue(): void {
    if (this.queued !== undefined) this.plan.queue?.remove(this.queued);
    this.queued = undefined;
  }

  private endSession(): void {
    this.session?.dispose();
    this.session = undefined;
  }

  dispose(): void {
    this.announced.dispose();
    this.leaveQueue();
    this.endSession();
    this.supervisor.dispose();
    void this.launcher.release?.(0);
    this.profiling?.dispose();
    this.leavingOut?.dispose();
    this.changeEmitter.dispose();
  }
}
