import { inject, injectable } from 'inversify';
import { type Disposable, Emitter, type Event } from 'vscode-jsonrpc/node';
import { combinePlugins, type RefusedPlugin } from '../../plugins/combine-plugins.js';
import {
  type AllowedProposals,
  type InstalledPlugin,
  withProposals,
} from '../../plugins/installed-plugin.js';
import { noSuchPlugin } from '../../plugins/plugin-error.js';
import { PluginSources } from '../../plugins/plugin-sources.js';
import { checkSettings, findSettingMistakes, type GivenSettings, Settings } from '../../plugins/settings.js';
import type { ExtensionHostStatus } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { isOnAir } from '../../protocol/plugin-broadcast.js';
import type { DevelopmentLogEntry } from '../../protocol/plugin-development.js';
import { Dialogs } from '../control/dialogs.js';
import { NoticeSink } from '../control/notice-sink.js';
import { CoreOptions } from '../core-options.js';
import { HostLaunchers } from '../isolation/host-launchers.js';
import { Log } from '../log/log.js';
import { BroadcastFeed } from '../main-thread/broadcast-feed.js';
import type { BroadcastView } from '../main-thread/broadcast-view.js';
import { CommandRegistry } from '../main-thread/command-registry.js';
import { PluginStore } from '../plugin-store/plugin-store.js';
import { DevelopmentLog } from './development-log.js';
import { ExtensionHostStub } from './extension-host-stub.js';
import { HostSlot } from './host-slot.js';
import { RefusalReport } from './refusal-report.js';
import { StartQueue } from './start-queue.js';

/** How many hosts start at the same time. */
const STARTS_AT_ONCE = 2;

/**
 * All extension hosts: one for each plugin, so that a plugin that fails takes no other with it. Plugins come from three
 * sources, each of which changes by itself: the folders of the broadcast's configuration, the library, and development.
 */
@injectable()
export class ExtensionHosts implements Disposable {
  private readonly slots = new Map<string, HostSlot>();
  private readonly sources = new PluginSources();
  private given: GivenSettings = {};
  private allowedProposals: AllowedProposals = {};
  private refusals: readonly RefusedPlugin[] = [];
  private readonly report: RefusalReport;
  private readonly feed = new BroadcastFeed();
  private readonly settings = new Settings();
  private watching: Disposable | undefined;
  private onAir = false;
  private readonly queue = new StartQueue(STARTS_AT_ONCE);
  private readonly changeEmitter = new Emitter<void>();
  /** Fires when what `status()` says may have changed. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  private readonly developmentLog: DevelopmentLog;
  /** What is logged of plugins in development. */
  readonly onDidLogInDevelopment: Event<DevelopmentLogEntry>;

  constructor(
    @inject(HostLaunchers) private readonly launchers: HostLaunchers,
    @inject(CoreOptions) private readonly options: Pick<CoreOptions, 'logLevel'>,
    @inject(CommandRegistry) private readonly commands: CommandRegistry,
    @inject(Dialogs) private readonly dialogs: Dialogs,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Log,
    @inject(PluginStore) private readonly store: PluginStore,
  ) {
    this.report = new RefusalReport(log, notices);
    this.developmentLog = new DevelopmentLog(log);
    this.onDidLogInDevelopment = this.developmentLog.onDidWrite;
  }

  /** Takes the broadcast that plugins are shown, and activated by, from now on. */
  watch(broadcast: BroadcastView): void {
    this.watching?.dispose();
    // First, so that a plugin which the broadcast activates has been told of it.
    this.feed.watch(broadcast);
    this.watching = broadcast.onDidChangeState((state) => {
      const before = this.onAir;
      this.onAir = isOnAir(state, before);
      if (this.onAir === before) return;
      for (const slot of this.slots.values()) slot.fire(this.onAir ? 'onBroadcastStart' : 'onBroadcastStop');
    });
  }

  /**
   * Runs, of the plugins that the configuration names, those in these folders and no others: those that run already go on,
   * those that have been given up get another chance. Returns at once.
   *
   * @param folders Each a plugin, or a folder that holds plugins.
   * @param given The settings of all plugins.
   * @param allowedProposals What of the proposed API they may use besides those in development.
   * @param profile For what kind of broadcast they remember things from now on.
   * @throws `plugin.invalid` with every mistake in the folders, `config.invalid` with every mistake in the settings; then
   * nothing has changed.
   */
  setPlugins(
    folders: readonly string[],
    given: GivenSettings = {},
    allowedProposals: AllowedProposals = {},
    profile = this.store.profile,
  ): void {
    const plugins = this.sources.find(folders);
    const running = combinePlugins(this.sources.withFolders(plugins)).plugins;
    checkSettings(running, given);
    this.given = given;
    this.allowedProposals = allowedProposals;
    this.store.useProfile(profile);
    this.sources.set('folder', plugins);
    this.apply(() => true);
    for (const id of Object.keys(given)) {
      if (!running.some((plugin) => plugin.id === id)) {
        this.log.warn(`pluginSettings: there is no plugin "${id}"; what is set for it is left alone`);
      }
    }
  }

  /** Runs, of the installed plugins, these and no others, broadcast or not. Those that nothing has changed about go on. */
  setLibrary(plugins: readonly InstalledPlugin[]): void {
    this.sources.set('library', plugins);
    this.apply();
  }

  /**
   * Runs the plugin in this folder while its author works on it, in place of any other with its id.
   *
   * @returns The plugin; disposing ends its development.
   * @throws `plugin.invalid` with every mistake in it; then nothing has changed.
   */
  develop(folder: string): { readonly plugin: InstalledPlugin } & Disposable {
    const plugin = this.sources.develop(folder);
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
   * Reads a plugin in development anew and restarts its host; `activeAgain` tells what comes of it.
   *
   * @throws `plugin.invalid` with every mistake in its folder: then it runs on as it was.
   */
  reload(id: string): void {
    this.sources.reread(id);
    const same = this.slots.get(id)?.plugin;
    this.apply((candidate) => candidate === id);
    const slot = this.slots.get(id);
    if (slot?.plugin === same) slot?.restart();
  }

  /**
   * Restarts one plugin's host. Resolves when the plugin is active, if anything has activated it.
   *
   * @throws `plugin.failed` when it does not run, or was not active in time.
   */
  async restart(id: string): Promise<void> {
    const slot = this.slots.get(id);
    if (slot?.plugin === undefined) throw noSuchPlugin(id);
    slot.restart();
    await this.activeAgain(id);
  }

  /**
   * Resolves when a plugin whose host is being replaced is active again; at once for one that nothing has activated.
   *
   * @throws `plugin.failed` when it does not run, or was not active in time.
   */
  async activeAgain(id: string): Promise<void> {
    const slot = this.slots.get(id);
    await slot?.settled();
    if (slot?.isActivated === true) await slot.activate();
  }

  /** Whether something has activated the plugin. */
  isActivated(id: string): boolean {
    return this.slots.get(id)?.isActivated === true;
  }

  /** The plugin that runs with this id, whatever its source. */
  find(id: string): InstalledPlugin | undefined {
    return this.slots.get(id)?.plugin;
  }

  /** Plugins that do not run, since something is wrong between them and others. */
  get refused(): readonly RefusedPlugin[] {
    return this.refusals;
  }

  /** All plugins of all sources, also those in whose place another one runs. */
  get plugins(): readonly InstalledPlugin[] {
    return this.sources.all;
  }

  status(): ExtensionHostStatus[] {
    const { tier } = this.launchers;
    return [...this.slots.values()].flatMap((slot) => {
      const status = slot.status();
      return status === undefined ? [] : [{ ...status, tier }];
    });
  }

  /** Deactivates all plugins and ends their hosts. Resolves when every process is gone, and what they stored written. */
  async shutDown(): Promise<void> {
    for (const slot of this.slots.values()) slot.set(undefined);
    await Promise.all([...this.slots.values()].map((slot) => slot.settled()));
    await this.store.flush();
  }

  /**
   * Makes what runs what the sources say.
   *
   * @param retry Whether a plugin that has been given up gets another chance.
   */
  private apply(retry: (id: string) => boolean = () => false): void {
    const { plugins, refused, shadowed } = combinePlugins(this.plugins);
    const mistakes = findSettingMistakes(this.sources.of('library'), this.given);
    this.report.tell({ refused, shadowed }, mistakes);
    this.refusals = refused;
    const changes = this.settings.set(plugins, this.given);
    const ids = new Set(plugins.map(({ id }) => id));
    for (const [id, slot] of this.slots) {
      if (!ids.has(id)) this.vacate(id, slot);
    }
    for (const combined of plugins) {
      const plugin = withProposals(combined, this.allowedProposals);
      const slot = this.slots.get(plugin.id);
      if (slot === undefined) this.slots.set(plugin.id, this.slotFor(plugin));
      else slot.set(plugin);
      if (retry(plugin.id)) this.slots.get(plugin.id)?.start();
    }
    for (const { plugin, key } of changes) this.slots.get(plugin)?.fire(`onConfiguration:${key}`, plugin);
    this.changeEmitter.fire();
  }

  private slotFor(plugin: InstalledPlugin): HostSlot {
    const slot = new HostSlot(plugin.id, (current, after) => this.createHost(current, after));
    slot.set(plugin);
    return slot;
  }

  private vacate(id: string, slot: HostSlot): void {
    if (slot.plugin === undefined) return;
    slot.set(undefined);
    void slot.settled().then(() => {
      if (slot.plugin === undefined && this.slots.get(id) === slot) this.slots.delete(id);
      this.changeEmitter.fire();
    });
  }

  private createHost(plugin: InstalledPlugin, after?: Promise<void>): ExtensionHostStub {
    const host = new ExtensionHostStub({
      launcher: this.launchers.launcherFor(plugin, this.store.foldersOf(plugin.id)),
      logLevel: this.options.logLevel,
      plugins: [plugin],
      queue: this.queue,
      ...(after === undefined ? {} : { after }),
      activateDependencies: (dependent) => this.activateDependencies(dependent),
      commands: this.commands,
      tier: this.launchers.tier,
      feed: this.feed,
      settings: this.settings,
      store: this.store,
      dialogs: this.dialogs,
      notices: this.notices,
      log: plugin.source === 'development' ? this.developmentLog.of(plugin.id) : this.log,
    });
    host.onDidChange(() => this.changeEmitter.fire());
    if (this.onAir) host.fire('onBroadcastStart');
    return host;
  }

  /** @throws `plugin.failed` that names the dependency which failed. */
  private async activateDependencies({ id, extensionDependencies }: InstalledPlugin): Promise<void> {
    await Promise.all(
      extensionDependencies.map(async (dependency) => {
        try {
          const slot = this.slots.get(dependency);
          if (slot === undefined) throw noSuchPlugin(dependency);
          await slot.activate();
        } catch (error) {
          throw new BulkheadError(
            ErrorCodes.pluginFailed,
            `the plugin "${id}" was not activated, since it needs "${dependency}": ${BulkheadError.from(error).message}`,
            { where: id, cause: error },
          );
        }
      }),
    );
  }

  dispose(): void {
    for (const slot of this.slots.values()) slot.dispose();
    this.slots.clear();
    this.watching?.dispose();
    this.feed.dispose();
    this.settings.dispose();
    this.changeEmitter.dispose();
    this.developmentLog.dispose();
  }
}
