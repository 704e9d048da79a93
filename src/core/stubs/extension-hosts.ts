import { inject, injectable } from 'inversify';
import { type Disposable, Emitter, type Event } from 'vscode-jsonrpc/node';
import { discoverPlugins } from '../../plugins/discover-plugins.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { checkSettings, type GivenSettings, Settings } from '../../plugins/settings.js';
import type { ExtensionHostStatus } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { isOnAir } from '../../protocol/plugin-broadcast.js';
import { NoticeSink } from '../control/notice-sink.js';
import { CoreOptions } from '../core-options.js';
import { HostLaunchers } from '../isolation/host-launchers.js';
import { Log } from '../log/log.js';
import { BroadcastFeed } from '../main-thread/broadcast-feed.js';
import type { BroadcastView } from '../main-thread/broadcast-view.js';
import { CommandRegistry } from '../main-thread/command-registry.js';
import { PluginStore } from '../plugin-store/plugin-store.js';
import { ExtensionHostStub } from './extension-host-stub.js';

/** All extension hosts: one for each plugin, so that a plugin that fails takes no other with it. */
@injectable()
export class ExtensionHosts implements Disposable {
  private readonly hosts = new Map<string, ExtensionHostStub>();
  private readonly ending = new Set<Promise<void>>();
  private readonly feed = new BroadcastFeed();
  private readonly settings = new Settings();
  private watching: Disposable | undefined;
  private onAir = false;
  private readonly changeEmitter = new Emitter<void>();
  /** Fires when what `status()` says may have changed. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  constructor(
    @inject(HostLaunchers) private readonly launchers: HostLaunchers,
    @inject(CoreOptions) private readonly options: Pick<CoreOptions, 'logLevel'>,
    @inject(CommandRegistry) private readonly commands: CommandRegistry,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Log,
    @inject(PluginStore) private readonly store: PluginStore,
  ) {}

  /** Takes the broadcast that plugins are shown, and activated by, from now on. */
  watch(broadcast: BroadcastView): void {
    this.watching?.dispose();
    // First, so that a plugin which the broadcast activates has been told of it.
    this.feed.watch(broadcast);
    this.watching = broadcast.onDidChangeState((state) => {
      const before = this.onAir;
      this.onAir = isOnAir(state, before);
      if (this.onAir === before) return;
      for (const host of this.hosts.values()) host.fire(this.onAir ? 'onBroadcastStart' : 'onBroadcastStop');
    });
  }

  /**
   * Runs the plugins in these folders and no others: those that run already go on, those that have been given up get
   * another chance. Returns at once.
   *
   * @param folders Each a plugin, or a folder that holds plugins.
   * @param given Their settings, by plugin.
   * @throws `plugin.invalid` with every mistake in them, `config.invalid` with every mistake in the settings; then nothing
   * has changed.
   */
  setPlugins(folders: readonly string[], given: GivenSettings = {}): void {
    const { plugins, errors } = discoverPlugins(folders);
    if (errors.length > 0) throw joined(errors);
    checkSettings(plugins, given);
    const changes = this.settings.set(plugins, given);
    const wanted = new Map(plugins.map((plugin) => [keyOf(plugin), plugin]));
    for (const [key, host] of this.hosts) {
      if (!wanted.has(key)) this.remove(key, host);
    }
    for (const [key, plugin] of wanted) {
      const host = this.hosts.get(key) ?? this.add(key, plugin);
      host.start();
    }
    for (const { plugin, key } of changes) {
      for (const host of this.hosts.values()) host.fire(`onConfiguration:${key}`, plugin);
    }
    for (const id of Object.keys(given)) {
      if (!plugins.some((plugin) => plugin.id === id)) {
        this.log.warn(`pluginSettings: there is no plugin "${id}"; what is set for it is left alone`);
      }
    }
    this.changeEmitter.fire();
  }

  status(): ExtensionHostStatus[] {
    const { tier } = this.launchers;
    return [...this.hosts.values()].map((host) => ({ ...host.status(), tier }));
  }

  /** Deactivates all plugins and ends their hosts. Resolves when every process is gone, and what they stored written. */
  async shutDown(): Promise<void> {
    for (const [key, host] of this.hosts) this.remove(key, host);
    await Promise.all(this.ending);
    await this.store.flush();
  }

  private add(key: string, plugin: InstalledPlugin): ExtensionHostStub {
    const host = new ExtensionHostStub({
      launcher: this.launchers.launcherFor(plugin),
      logLevel: this.options.logLevel,
      plugins: [plugin],
      activateDependencies: (dependent) => this.activateDependencies(dependent),
      commands: this.commands,
      feed: this.feed,
      settings: this.settings,
      store: this.store,
      notices: this.notices,
      log: this.log,
    });
    host.onDidChange(() => this.changeEmitter.fire());
    this.hosts.set(key, host);
    if (this.onAir) host.fire('onBroadcastStart');
    return host;
  }

  /** @throws `plugin.failed` that names the dependency which failed. */
  private async activateDependencies({ id, extensionDependencies }: InstalledPlugin): Promise<void> {
    await Promise.all(
      extensionDependencies.map(async (dependency) => {
        try {
          await this.activatePlugin(dependency);
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

  private async activatePlugin(id: string): Promise<void> {
    for (const host of this.hosts.values()) {
      const plugin = host.plugins.find((candidate) => candidate.id === id);
      if (plugin !== undefined) return host.activatePlugin(plugin);
    }
    throw new BulkheadError(ErrorCodes.pluginFailed, `there is no plugin "${id}"`, { where: id });
  }

  private remove(key: string, host: ExtensionHostStub): void {
    this.hosts.delete(key);
    const ended = host.stop().finally(() => {
      host.dispose();
      this.ending.delete(ended);
    });
    this.ending.add(ended);
  }

  dispose(): void {
    for (const host of this.hosts.values()) host.dispose();
    this.hosts.clear();
    this.watching?.dispose();
    this.feed.dispose();
    this.settings.dispose();
    this.changeEmitter.dispose();
  }
}

/** What makes a plugin another one: a new version of it or any change of its manifest, too. */
function keyOf(plugin: InstalledPlugin): string {
  return JSON.stringify(plugin);
}

function joined(errors: readonly BulkheadError[]): BulkheadError {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  return new BulkheadError(ErrorCodes.pluginInvalid, errors.map(({ message }) => message).join('\n'), {
    where: first?.where,
    remedy: first?.remedy,
  });
}
