import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../../base/disposable-store.js';
import { Emitter, type Event } from '../../../base/event.js';
import type { BroadcastConfig } from '../../../config/schema.js';
import { combinePlugins, type RefusedPlugin } from '../../../plugins/combine-plugins.js';
import {
  type AllowedProposals,
  type InstalledPlugin,
  withProposals,
} from '../../../plugins/installed-plugin.js';
import { noSuchPlugin } from '../../../plugins/plugin-error.js';
import { PluginSources } from '../../../plugins/plugin-sources.js';
import {
  findSettingMistakes,
  type GivenSettings,
  type SettingChange,
  Settings,
} from '../../../plugins/settings.js';
import type { BulkheadError } from '../../../protocol/errors.js';
import type { InspectorOptions } from '../../../protocol/inspector.js';
import { grantedOf, type Permission } from '../../../protocol/permissions/permissions.js';
import { isOnAir } from '../../../protocol/plugin-broadcast.js';
import type { DevelopmentLogEntry } from '../../../protocol/plugin-development.js';
import type { ExtensionHostStatus } from '../../../protocol/status/extension-host-status.js';
import type { BroadcastState } from '../../../protocol/status/status.js';
import { BroadcastView } from '../../broadcast/broadcast-view.js';
import { Log } from '../../log/log.js';
import { CommandRegistry } from '../../main-thread/command-registry.js';
import { ContextKeys } from '../../main-thread/context-keys.js';
import { DeclaredSecrets } from '../../main-thread/declared-secrets.js';
import { EventHub } from '../../main-thread/event-hub.js';
import { Keybindings } from '../../main-thread/keybindings.js';
import { type KeptShow, LiveSettings, NO_SHOW } from '../../main-thread/live-settings.js';
import { PluginDirectory } from '../../main-thread/plugin-directory.js';
import { NoticeSink } from '../../streamer/notice-sink.js';
import { PluginStore } from '../store/plugin-store.js';
import { activateDependencies } from './activate-dependencies.js';
import { CrashJournal, type JournalEntries } from './crash-journal.js';
import { DevelopmentLog } from './development-log.js';
import { ExtensionHostFactory } from './extension-host-factory.js';
import type { ExtensionHostStub } from './extension-host-stub.js';
import { HostActivity } from './host-activity.js';
import { groupByHost, placeOf } from './host-groups.js';
import { type Arrivals, HostSlot } from './host-slot.js';
import { inspectionNotice, notInspectable } from './inspection.js';
import { RefusalReport } from './refusal-report.js';
import { StartQueue } from './start-queue.js';
import { Suspects } from './suspects.js';

/** What a configuration says of plugins. */
type PluginsConfig = Pick<BroadcastConfig, 'plugins' | 'pluginSettings' | 'allowApiProposals' | 'profile'>;

/** Number of hosts that may start at the same time. */
const STARTS_AT_ONCE = 2;

/**
 * All extension hosts: one per plugin, so that a plugin that fails affects no other, or per group of plugins that request a
 * shared one. Plugins come from three sources, each of which changes independently: the folders of the broadcast's
 * configuration, the library, and development.
 */
@injectable()
export class ExtensionHosts implements Disposable {
  /** By the key of their plugins' place. */
  private readonly slots = new Map<string, HostSlot>();
  private readonly sources = new PluginSources();
  private allowedProposals: AllowedProposals = {};
  /** Optional permissions of plugins that are not in the library, until the core ends. */
  private readonly grantedNow = new Map<string, Permission[]>();
  private refusals: readonly RefusedPlugin[] = [];
  private readonly refusalReport: RefusalReport;
  private readonly watching: DisposableStore;
  private onAir = false;
  private readonly queue = new StartQueue(STARTS_AT_ONCE);
  private readonly suspects: Suspects;
  private readonly activity = new HostActivity();
  private readonly changeEmitter = new Emitter<void>();
  /** Fires when the result of `status()` may have changed. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  private readonly developmentLog: DevelopmentLog;
  /** Log entries of plugins in development. */
  readonly onDidLogInDevelopment: Event<DevelopmentLogEntry>;

  constructor(
    @inject(ExtensionHostFactory) private readonly factory: ExtensionHostFactory,
    @inject(BroadcastView) broadcast: Pick<BroadcastView, 'onDidChangeState'>,
    @inject(Settings) private readonly settings: Settings,
    @inject(LiveSettings) private readonly live: LiveSettings,
    @inject(PluginDirectory) private readonly directory: PluginDirectory,
    @inject(EventHub) private readonly events: EventHub,
    @inject(DeclaredSecrets) private readonly secrets: DeclaredSecrets,
    @inject(Keybindings) private readonly keybindings: Pick<Keybindings, 'setPlugins'>,
    @inject(CommandRegistry) private readonly commands: Pick<CommandRegistry, 'setPlugins'>,
    @inject(ContextKeys) context: Pick<ContextKeys, 'activePlugins'>,
    @inject(PluginStore) private readonly store: PluginStore,
    @inject(CrashJournal) private readonly journal: CrashJournal,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Log,
  ) {
    this.suspects = new Suspects(journal.before);
    journal.keep(() => this.journalEntries());
    context.activePlugins = () => this.activePlugins();
    this.refusalReport = new RefusalReport(log, notices);
    this.developmentLog = new DevelopmentLog(log);
    this.onDidLogInDevelopment = this.developmentLog.onDidWrite;
    // Registered after the namespaces, which the factory has: a plugin activated by a state of the broadcast has already
    // received that state.
    this.watching = new DisposableStore([
      broadcast.onDidChangeState((state) => this.follow(state)),
      live.onDidChange((changes) => this.activateFor(changes)),
      events.onDidFire(({ event }) => this.activateForEvent(event)),
      secrets.onDidChange((changes) => {
        this.activateFor(changes);
        this.changeEmitter.fire();
      }),
    ]);
    directory.activateBy((id) => this.activate(id));
  }

  /**
   * Sets the folders of the configuration's plugins. Plugins that already run are kept, those that have been given up get
   * another chance. Returns immediately.
   *
   * @param folders Each a plugin, or a folder that contains plugins.
   * @param given The settings of all plugins, as configured.
   * @param allowedProposals Proposed APIs that plugins outside of development may use.
   * @param profile The profile for which plugins store state from now on.
   * @param show Whose settings they are, and what was changed of them on air before.
   * @throws `plugin.invalid` with every error in the folders, `config.invalid` with every error in the settings; then nothing
   * has changed.
   */
  setPlugins(
    folders: readonly string[],
    given: GivenSettings = {},
    allowedProposals: AllowedProposals = {},
    profile = this.store.profile,
    show: KeptShow = NO_SHOW,
  ): void {
    const plugins = this.sources.find(folders);
    const running = combinePlugins(this.sources.withFolders(plugins)).plugins;
    this.live.begin(running, given, show);
    this.allowedProposals = allowedProposals;
    this.store.useProfile(profile);
    this.sources.set('folder', plugins);
    this.apply(() => true);
    // Those that have run before the broadcast do not know its configuration file.
    for (const slot of this.slots.values()) void slot.replaceOutdated();
    for (const id of Object.keys(given)) {
      if (!running.some((plugin) => plugin.id === id)) {
        this.log.warn(`pluginSettings: there is no plugin "${id}"; its settings are ignored`);
      }
    }
  }

  /**
   * The configuration says something else now. Plugins that did not change keep running.
   *
   * @param isOfHosts whether more than settings has changed
   * @throws like `setPlugins`: then nothing has changed
   * @returns makes the change; resolves with whether it differs from what was on air
   */
  prepareConfiguration(
    { plugins: folders, pluginSettings, allowApiProposals, profile }: PluginsConfig,
    isOfHosts: boolean,
  ): () => Promise<boolean> {
    const plugins = isOfHosts ? this.sources.find(folders) : this.sources.of('folder');
    this.live.check(combinePlugins(this.sources.withFolders(plugins)).plugins, pluginSettings);
    return async () => {
      const reconfigured = this.live.reconfigure(pluginSettings);
      if (isOfHosts) {
        this.allowedProposals = allowApiProposals;
        this.store.useProfile(profile);
        this.sources.set('folder', plugins);
        this.apply();
      }
      return isOfHosts || (await reconfigured).length > 0;
    };
  }

  /** Sets the installed plugins that run, independent of a broadcast. Unchanged plugins keep running. */
  setLibrary(plugins: readonly InstalledPlugin[]): void {
    this.sources.set('library', plugins);
    this.apply();
  }

  /**
   * Runs the plugin in this folder in development, in place of any other with its id.
   *
   * @param inspector Opened in its processes, for a debugger.
   * @returns The plugin; disposing ends its development.
   * @throws `plugin.invalid` with every error in it, `config.invalid` if plugins cannot be inspected here; then nothing has
   * changed.
   */
  develop(folder: string, inspector?: InspectorOptions): { readonly plugin: InstalledPlugin } & Disposable {
    if (inspector !== undefined && this.factory.tier === 'none') throw notInspectable();
    const plugin = this.sources.develop(folder, inspector);
    if (inspector !== undefined) this.notices.notice(inspectionNotice(plugin.id, inspector));
    this.apply((id) => id === plugin.id);
    return {
      plugin,
      dispose: () => {
        this.sources.endDevelopment(plugin.id);
        this.apply();
      },
    };
  }

  /**
   * Reads a plugin in development again and restarts its host; `activeAgain` reports the result.
   *
   * @throws `plugin.invalid` with every error in its folder: then the running plugin is not changed.
   */
  reload(id: string): void {
    this.sources.reread(id);
    const same = this.find(id);
    this.apply((candidate) => candidate === id);
    if (this.find(id) === same) this.slotOf(id)?.restart();
  }

  /**
   * Restarts one plugin's host, with all plugins in it. Resolves when the plugin is active, if it has been activated before.
   *
   * @throws `plugin.failed` if it is not running, or was not active in time.
   */
  async restart(id: string): Promise<void> {
    const slot = this.slotOf(id);
    if (slot === undefined) throw noSuchPlugin(id);
    slot.restart();
    await this.activeAgain(id);
  }

  /**
   * Resolves when a plugin whose host is being replaced is active again; immediately for one that has not been activated.
   *
   * @throws `plugin.failed` if it is not running, or was not active in time.
   */
  async activeAgain(id: string): Promise<void> {
    const holding = [...this.slots.values()].filter((slot) => slot.holds(id));
    await Promise.all(holding.map((slot) => slot.settled()));
    const slot = this.slotOf(id);
    if (slot?.isActivated(id) === true) await slot.activate(id);
  }

  /** Grants an optional permission to a plugin that is not in the library, until the core ends. */
  grant(id: string, permission: Permission): void {
    this.grantedNow.set(id, [...(this.grantedNow.get(id) ?? []), permission]);
    this.apply();
  }

  /** Whether the plugin has been activated. */
  isActivated(id: string): boolean {
    return this.slotOf(id)?.isActivated(id) === true;
  }

  /** The plugin that runs with this id, whatever its source. */
  find(id: string): InstalledPlugin | undefined {
    return this.slotOf(id)?.find(id);
  }

  private activePlugins(): string[] {
    return this.status().flatMap(({ state, plugins, waiting = [], failed = [] }) =>
      state === 'running' || state === 'unresponsive'
        ? plugins.filter((id) => !waiting.includes(id) && !failed.some(({ plugin }) => plugin === id))
        : [],
    );
  }

  /** Plugins with a running process. */
  get running(): readonly InstalledPlugin[] {
    return [...this.slots.values()].flatMap((slot) => ((slot.status()?.pid ?? 0) === 0 ? [] : slot.plugins));
  }

  /**
   * Ends one plugin's host, with all plugins in it: it is not restarted until the streamer restarts the plugin or goes live
   * again.
   */
  giveUp(id: string, failure: BulkheadError): void {
    this.slotOf(id)?.giveUp(id, failure);
  }

  /** Plugins that do not run because they conflict with others or lack a dependency. */
  get refused(): readonly RefusedPlugin[] {
    return this.refusals;
  }

  /** All plugins of all sources, including those replaced by another one. */
  get plugins(): readonly InstalledPlugin[] {
    return this.sources.all;
  }

  status(): ExtensionHostStatus[] {
    const { tier } = this.factory;
    return [...this.slots.values()].flatMap((slot) => {
      const status = slot.status();
      if (status === undefined) return [];
      const missingSecrets = status.plugins.flatMap((plugin) =>
        this.secrets.missingOf(plugin).map((key) => ({ plugin, key })),
      );
      return [{ ...status, tier, ...(missingSecrets.length === 0 ? {} : { missingSecrets }) }];
    });
  }

  /**
   * Deactivates all plugins and ends their hosts. Resolves when every process has exited and all stored data has been written.
   */
  async shutDown(): Promise<void> {
    this.suspects.dispose();
    for (const slot of this.slots.values()) slot.set([]);
    await Promise.all([...this.slots.values()].map((slot) => slot.settled()));
    await Promise.all([this.store.flush(), this.journal.close()]);
  }

  /** Activates plugins that wait for the broadcast's start or end. */
  private follow(state: BroadcastState): void {
    if (state === 'live') this.suspects.begin();
    const before = this.onAir;
    this.onAir = isOnAir(state, before);
    if (this.onAir === before) return;
    for (const slot of this.slots.values()) slot.fire(this.onAir ? 'onBroadcastStart' : 'onBroadcastStop');
  }

  /**
   * Applies the sources to the hosts.
   *
   * @param retry Whether a plugin that has been given up gets another chance.
   */
  private apply(retry: (id: string) => boolean = () => false): void {
    const combination = combinePlugins(this.plugins);
    const { plugins, refused } = combination;
    const mistakes = findSettingMistakes(this.sources.of('library'), this.live.given);
    this.refusalReport.report(combination, mistakes);
    this.refusals = refused;
    this.commands.setPlugins(plugins);
    this.keybindings.setPlugins(plugins);
    const changes = this.settings.set(plugins, this.live.given);
    this.directory.set(plugins);
    const groups = groupByHost(
      plugins.map((plugin) => this.withGrants(withProposals(plugin, this.allowedProposals))),
    );
    const arrivals = new Map([...groups].map(([key, members]) => [key, this.arrivalsAt(key, members)]));
    for (const [key, slot] of this.slots) {
      if (!groups.has(key)) this.vacate(key, slot);
    }
    for (const [key, members] of groups) {
      const slot = this.slots.get(key) ?? this.newSlot(key, members);
      slot.set(members, arrivals.get(key));
      if (members.some(({ id }) => retry(id))) slot.start();
    }
    this.activateFor(changes);
    this.secrets.follow(plugins);
    this.changeEmitter.fire();
  }

  private withGrants(plugin: InstalledPlugin): InstalledPlugin {
    const now = plugin.source === 'library' ? undefined : this.grantedNow.get(plugin.id);
    if (now === undefined) return plugin;
    const granted = grantedOf(plugin.optionalPermissions, now);
    return { ...plugin, granted: [...plugin.granted, ...granted] };
  }

  /** Activates plugins that wait for one of their settings. */
  private activateFor(changes: readonly SettingChange[]): void {
    for (const { plugin, key } of changes) this.slotOf(plugin)?.fire(`onConfiguration:${key}`, plugin);
  }

  /** Activates plugins that wait for an event of another one. */
  private activateForEvent(event: string): void {
    for (const { id } of this.events.toActivate(event)) this.slotOf(id)?.fire(`onEvent:${event}`, id);
  }

  private async activate(id: string): Promise<void> {
    const slot = this.slotOf(id);
    if (slot === undefined) throw noSuchPlugin(id);
    await slot.activate(id);
  }

  private journalEntries(): JournalEntries {
    const crashes: Record<string, number[]> = {};
    const active: string[] = [];
    const sinceMs = Date.now() - performance.now();
    for (const host of [...this.slots.values()].flatMap((slot) => slot.hosts)) {
      const ids = host.plugins.map(({ id }) => id);
      const times = host.recentCrashes.map((atMs) => Math.round(atMs + sinceMs));
      if (times.length > 0) for (const id of ids) crashes[id] = times;
      if (host.status().pid !== 0 && this.activity.isAtWork(host)) active.push(...ids);
    }
    return { crashes, active, onTrial: [...this.suspects.onTrial] };
  }

  private slotOf(id: string): HostSlot | undefined {
    return [...this.slots.values()].find((slot) => slot.find(id) !== undefined);
  }

  /** Plugins that run in other hosts until now, before those are updated. */
  private arrivalsAt(key: string, members: readonly InstalledPlugin[]): Arrivals | undefined {
    const here = this.slots.get(key);
    const others = [...this.slots.values()].filter((slot) => slot !== here);
    const left = others.filter((slot) => members.some(({ id }) => slot.holds(id)));
    if (left.length === 0) return undefined;
    return {
      after: Promise.resolve().then(async () => {
        await Promise.all(left.map((slot) => slot.settled()));
      }),
      activated: members.map(({ id }) => id).filter((id) => left.some((slot) => slot.isActivated(id))),
    };
  }

  private newSlot(key: string, members: readonly InstalledPlugin[]): HostSlot {
    for (const plugin of members) {
      const { aloneBecause } = placeOf(plugin);
      if (aloneBecause === undefined) continue;
      this.log.info(`the plugin "${plugin.id}" has a process of its own, not its group's: ${aloneBecause}`);
    }
    const slot = new HostSlot((plugins, after) => this.createHost(plugins, after));
    this.slots.set(key, slot);
    return slot;
  }

  private vacate(key: string, slot: HostSlot): void {
    if (slot.plugins.length === 0) return;
    slot.set([]);
    void slot.settled().then(() => {
      if (slot.plugins.length === 0 && this.slots.get(key) === slot) this.slots.delete(key);
      this.changeEmitter.fire();
    });
  }

  private createHost(plugins: readonly InstalledPlugin[], after?: Promise<void>): ExtensionHostStub {
    // A plugin in development has its own host.
    const developed = plugins.find(({ source }) => source === 'development');
    const ids = plugins.map(({ id }) => id);
    const suspect = ids.some((id) => this.suspects.has(id));
    const sinceMs = Date.now() - performance.now();
    const host = this.factory.create({
      plugins,
      queue: suspect ? this.suspects.queueFor(ids) : this.queue,
      crashesBefore: this.suspects.takeCrashes(ids).map((atMs) => atMs - sinceMs),
      after,
      activateDependencies: (dependent) => activateDependencies(dependent, (id) => this.activate(id)),
      log: developed === undefined ? this.log : this.developmentLog.of(developed.id),
    });
    host.onDidChange(() => this.changeEmitter.fire());
    if (this.onAir) host.fire('onBroadcastStart');
    return host;
  }

  dispose(): void {
    for (const slot of this.slots.values()) slot.dispose();
    this.slots.clear();
    this.watching.dispose();
    this.suspects.dispose();
    this.changeEmitter.dispose();
    this.developmentLog.dispose();
  }
}
