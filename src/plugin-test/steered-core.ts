import 'reflect-metadata';
import type { SettingValue } from '@bulkhead/extension-api';
import type {
  Answer,
  FakeAudio,
  FakeBroadcast,
  FakeBrowser,
  FakeCommands,
  FakeCore,
  FakeEvents,
  FakeExtensions,
  FakeFaults,
  FakeKeys,
  FakeOutputs,
  FakeRecording,
  FakeReplay,
  FakeScenes,
  FakeSources,
  LogLine,
  OpenQuestion,
  PluginFailure,
  ShownMessage,
  ShownOverlay,
  ShownProgress,
  StartOptions,
  TestKeybinding,
} from '@bulkhead/extension-api/testing';
import { Container } from 'inversify';
import { checkValue } from '../base/check-value.js';
import { BroadcastConfigSchema } from '../config/schema.js';
import { BroadcastView } from '../core/broadcast/broadcast-view.js';
import { Log } from '../core/log/log.js';
import { bindMainThread } from '../core/main-thread/bind-main-thread.js';
import { CommandRegistry } from '../core/main-thread/command-registry.js';
import { ContextKeys } from '../core/main-thread/context-keys.js';
import { EventHub } from '../core/main-thread/event-hub.js';
import { Keybindings } from '../core/main-thread/keybindings.js';
import { LiveSettings, NO_SHOW } from '../core/main-thread/live-settings.js';
import { MainThreadNamespace } from '../core/main-thread/main-thread-namespace.js';
import { OutputsView } from '../core/main-thread/main-thread-outputs.js';
import { RecordingView } from '../core/main-thread/main-thread-recording.js';
import { ReplayView } from '../core/main-thread/main-thread-replay.js';
import { PermissionRequests } from '../core/main-thread/permission-requests.js';
import { DEFAULT_PLUGIN_DEADLINES, PluginDeadlines } from '../core/main-thread/plugin-deadlines.js';
import { PluginDirectory } from '../core/main-thread/plugin-directory.js';
import { PluginStorage, type StoredTexts } from '../core/main-thread/plugin-storage.js';
import { bindStreamer } from '../core/streamer/bind-streamer.js';
import { Browser } from '../core/streamer/browser.js';
import { CallbackAddresses } from '../core/streamer/callback-addresses.js';
import { NoticeSink } from '../core/streamer/notice-sink.js';
import { ProgressList } from '../core/streamer/progress-list.js';
import { Questions } from '../core/streamer/questions.js';
import { StatusItems } from '../core/streamer/status-items.js';
import { requireJson } from '../extension-host/require-json.js';
import { secretSettings } from '../plugins/declared-settings.js';
import { announcedCommands, type InstalledPlugin } from '../plugins/installed-plugin.js';
import { checkSettings, type GivenSettings, Settings } from '../plugins/settings.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { coversPermission, type Permission, permissionProblem } from '../protocol/permissions/permissions.js';
import { stateForPlugins } from '../protocol/plugin-broadcast.js';
import { asThrown } from '../rpc/thrown-by-plugin.js';
import { HostLink } from './host-link.js';
import { MemoryStore } from './memory-store.js';
import { SteeredBroadcast } from './steered-broadcast.js';
import { SteeredBrowser } from './steered-browser.js';
import { SteeredPlugins } from './steered-plugins.js';
import { SteeredRecording } from './steered-recording.js';
import { SteeredReplay } from './steered-replay.js';
import { SteeredShow } from './steered-show.js';
import { type InstalledTestClock, RealClock, VirtualClock } from './test-clock.js';

/** Replaces a plugin's process, which is not separate here. */
export interface PluginProcess {
  willLoad(): void;
  didEnd(): void;
}

/** The core's own side of the API with fakes for broadcast, disk and streamer. */
export class SteeredCore implements FakeCore {
  readonly clock: InstalledTestClock;
  readonly messages: ShownMessage[] = [];
  readonly log: LogLine[] = [];
  readonly broadcast: FakeBroadcast;
  readonly scenes: FakeScenes;
  readonly sources: FakeSources;
  readonly audio: FakeAudio;
  readonly outputs: FakeOutputs;
  readonly recording: FakeRecording;
  readonly replay: FakeReplay;
  readonly commands: FakeCommands;
  readonly extensions: FakeExtensions;
  readonly events: FakeEvents;
  readonly browser: FakeBrowser;
  readonly keys: FakeKeys;
  readonly faults: FakeFaults;
  private failures: PluginFailure[] = [];
  private readonly plugin: InstalledPlugin;
  private readonly container = new Container({ defaultScope: 'Singleton' });
  private readonly registry: CommandRegistry;
  private readonly keybindings: Keybindings;
  private readonly contextList: ContextKeys;
  private readonly settings: LiveSettings;
  private readonly questionList: Questions;
  private readonly progressList: ProgressList;
  private readonly store: MemoryStore;
  private readonly air: SteeredBroadcast;
  private readonly show: SteeredShow;
  private readonly recordings = new SteeredRecording();
  private readonly replays = new SteeredReplay();
  private readonly plugins: SteeredPlugins;
  private link: HostLink | undefined;
  private latencyMs = 0;

  /** @param folder For the plugin's files. */
  constructor(
    plugin: InstalledPlugin,
    folder: string,
    options: StartOptions,
    private readonly process: PluginProcess,
  ) {
    const granted = options.permissions?.map(permissionCalled) ?? plugin.permissions;
    // As in development.
    this.plugin = { ...plugin, granted, apiProposals: plugin.enabledApiProposals };
    const settle = () => this.settle();
    const browser = new SteeredBrowser(settle);
    this.browser = browser;
    this.clock = options.clock === 'real' ? new RealClock(settle) : new VirtualClock(settle);
    this.air = new SteeredBroadcast(options.outputs);
    this.store = new MemoryStore(folder, this.logSink);
    const notices: NoticeSink = {
      notice: ({ severity, message }) => void this.messages.push({ severity, message }),
    };
    this.show = new SteeredShow(this.air, notices, this.logSink);
    this.scenes = this.show.scenes(settle);
    this.sources = this.show.sources(settle);
    this.audio = this.show.audio(settle);
    this.air.onDidChangeState((state) => {
      this.recordings.follow(state);
      this.replays.follow(state);
    });
    this.recording = this.recordings.steering(settle);
    this.replay = this.replays.steering(settle);
    this.outputs = this.steeredOutputs();
    this.bindServices(notices, browser);
    this.registry = this.container.get(CommandRegistry);
    this.keybindings = this.container.get(Keybindings);
    this.contextList = this.container.get(ContextKeys);
    this.settings = this.container.get(LiveSettings);
    this.questionList = this.container.get(Questions);
    this.progressList = this.container.get(ProgressList);
    this.container.get(PermissionRequests).grant = async (_plugin, permission) => this.grant(permission);
    this.broadcast = this.steering();
    this.commands = this.streamersCommands();
    const { container } = this;
    this.plugins = new SteeredPlugins(
      this.plugin,
      container.get(PluginDirectory),
      container.get(EventHub),
      this,
    );
    this.extensions = this.plugins.extensions();
    this.events = this.plugins.events();
    this.keys = {
      press: (key) => this.asStreamer(async () => (await this.keybindings.press({ key })).result),
    };
    this.faults = this.faultInjection();
    this.keybindings.setPlugins([this.plugin]);
    this.contextList.activePlugins = () => (this.isActive ? [plugin.id] : []);
    for (const command of announcedCommands(plugin)) {
      const { title, enablement } = plugin.contributes.commands.find((one) => one.command === command) ?? {};
      this.registry.contribute(command, plugin.id, () => this.activate(), title, enablement);
    }
  }

  /**
   * Sets what exists before the plugin is loaded. Throws `config.invalid` for settings that the manifest does not
   * allow, for keybindings that cannot be, and for a show that cannot be.
   */
  async preset(options: StartOptions): Promise<void> {
    const {
      settings = {},
      keybindings = [],
      state = {},
      profile,
      profileState = {},
      secrets = {},
      show = {},
      upgradeFrom,
    } = options;
    this.show.preset(show);
    this.plugins.preset(options.extensions ?? {});
    if (profile !== undefined) this.store.useProfile(profileCalled(profile));
    this.keybindings.configure(keybindingsIn(keybindings));
    this.presetSettings(settings, upgradeFrom !== undefined);
    if (upgradeFrom !== undefined) await this.store.upgrades.applied(this.plugin.id, upgradeFrom);
    for (const [key, value] of Object.entries(state)) {
      await this.store.state(this.plugin.id).set(key, JSON.stringify(value));
    }
    for (const [key, value] of Object.entries(profileState)) {
      await this.store.profileState(this.plugin.id).set(key, JSON.stringify(value));
    }
    for (const [key, value] of Object.entries(secrets)) {
      await this.store.secrets(this.plugin.id).set(key, value);
    }
  }

  get isActive(): boolean {
    return this.link?.isActive ?? false;
  }

  get questions(): readonly OpenQuestion[] {
    return this.questionList.list();
  }

  get progress(): readonly ShownProgress[] {
    return this.progressList.list();
  }

  get statusItems(): Readonly<Record<string, string>> {
    const shown = this.container.get(StatusItems).of([this.plugin]);
    return Object.fromEntries(shown.map(({ id, text }) => [id, text]));
  }

  get contextKeys(): FakeCore['contextKeys'] {
    return Object.fromEntries(this.contextList.list().map(({ key, value }) => [key, value]));
  }

  get overlays(): readonly ShownOverlay[] {
    return this.show.overlays.staged as readonly ShownOverlay[];
  }

  async activate(): Promise<void> {
    this.link ??= this.startHost();
    try {
      await this.link.activate();
    } catch (error) {
      // The caller has it.
      const { message } = BulkheadError.from(error);
      this.failures = this.failures.filter((failure) => failure.message !== message);
      throw error;
    }
    await this.settle();
  }

  async deactivate(): Promise<void> {
    await this.deactivateHost();
  }

  /** Ends the test: deactivates the plugin without a delay. Returns what it has registered and not disposed of. */
  async end(): Promise<readonly string[]> {
    // Nobody would advance a virtual clock any more.
    this.faults.setLatency(0);
    await this.settle();
    return this.deactivateHost();
  }

  private async deactivateHost(): Promise<readonly string[]> {
    const left = (await this.link?.deactivate()) ?? [];
    await this.settle();
    return left;
  }

  async answer(question: number, answer: Answer | null): Promise<void> {
    await this.questionList.answer(question, answer);
    await this.settle();
  }

  async cancelProgress(id: number): Promise<void> {
    this.progressList.cancel(id);
    await this.settle();
  }

  async setSettings(settings: TestSettings): Promise<void> {
    const { plugin } = this;
    const { configured } = this.settings.upgradable(plugin, 0);
    const given = { [plugin.id]: { ...configured, ...structuredClone(settings) } } as GivenSettings;
    checkSettings([plugin], given);
    await this.settings.reconfigure(given);
    await this.settle();
  }

  async setSecret(key: string, value: string | null): Promise<void> {
    if (!secretSettings(this.plugin).includes(key)) {
      throw new BulkheadError(
        ErrorCodes.configInvalid,
        `the plugin "${this.plugin.id}" declares no secret "${key}"`,
        { remedy: 'Declare it in contributes.configuration.properties: { "type": "secret" }.' },
      );
    }
    await this.store.secrets(this.plugin.id).set(key, value);
    await this.settle();
  }

  get profile(): string {
    return this.store.profile;
  }

  async setProfile(profile: string): Promise<void> {
    this.store.useProfile(profileCalled(profile));
    await this.settle();
  }

  readSettings(): Record<string, SettingValue> {
    return structuredClone(this.settings.given[this.plugin.id] ?? {});
  }

  readState(): Promise<Record<string, unknown>> {
    return valuesOf(this.store.state(this.plugin.id));
  }

  readProfileState(): Promise<Record<string, unknown>> {
    return valuesOf(this.store.profileState(this.plugin.id));
  }

  async readSecrets(): Promise<Record<string, string>> {
    return { ...(await this.store.secrets(this.plugin.id).all()) };
  }

  async settle(): Promise<void> {
    await this.link?.channel.quiet();
  }

  takeFailures(): readonly PluginFailure[] {
    return this.failures.splice(0);
  }

  /** Ends the plugin's host unconditionally, and restores the real time. */
  dispose(): void {
    this.endHost();
    this.container.unbindAll();
    this.store.dispose();
    this.air.dispose();
    this.recordings.dispose();
    this.replays.dispose();
    this.show.dispose();
    this.clock.uninstall();
  }

  /** The core's own namespaces, with the fakes. */
  private bindServices(notices: NoticeSink, browser: SteeredBrowser): void {
    const { container } = this;
    container.bind(Log).toConstantValue(this.logSink);
    container.bind(BroadcastView).toConstantValue(this.air);
    container.bind<OutputsView>(OutputsView).toConstantValue(this.air.outputs);
    container.bind<RecordingView>(RecordingView).toConstantValue(this.recordings);
    container.bind<ReplayView>(ReplayView).toConstantValue(this.replays);
    this.show.bind(container);
    container.bind(PluginStorage).toConstantValue(this.store);
    container.bind(PluginDeadlines).toConstantValue(DEFAULT_PLUGIN_DEADLINES);
    container.bind<NoticeSink>(NoticeSink).toConstantValue(notices);
    bindStreamer(container);
    container.bind<Browser>(Browser).toConstantValue(browser);
    container.bind<CallbackAddresses>(CallbackAddresses).toConstantValue(browser.callbacks);
    bindMainThread(container);
  }

  private startHost(): HostLink {
    const { plugin, store } = this;
    this.process.willLoad();
    const link = new HostLink({
      plugin,
      makeFolder: () => store.makeFilesFolder(plugin.id),
      namespaces: this.container.getAll<MainThreadNamespace>(MainThreadNamespace),
      log: this.logSink,
      onDidEnd: () => {
        if (this.link === link) this.link = undefined;
        this.process.didEnd();
      },
    });
    link.channel.latencyMs = this.latencyMs;
    return link;
  }

  private endHost(): void {
    this.link?.dispose();
    this.link = undefined;
    this.process.didEnd();
  }

  /** @param areOld of a version before: the manifest need not allow them */
  private presetSettings(settings: TestSettings, areOld: boolean): void {
    const given = { [this.plugin.id]: structuredClone(settings) } as GivenSettings;
    this.settings.begin(areOld ? [] : [this.plugin], given, NO_SHOW);
    this.container.get(Settings).set([this.plugin], this.settings.given);
  }

  /** Activates a plugin that waits for this state first. */
  private async onAir(event: string, step: () => unknown): Promise<void> {
    if (!this.isActive && this.plugin.activationEvents.includes(event)) await this.activate();
    await step();
    await this.settle();
  }

  private steering(): FakeBroadcast {
    const { air } = this;
    return {
      get state() {
        return stateForPlugins(air.state);
      },
      get markers() {
        return air.markers.list();
      },
      goLive: () => this.onAir('onBroadcastStart', () => air.startAgain()),
      breakOutput: (id) => this.onAir('', () => air.breakOutput(id)),
      failOutput: (id, error) => this.onAir('', () => air.failOutput(id, error)),
      reconnect: (id) => this.onAir('', () => air.reconnect(id)),
      killEncoder: () => this.onAir('', () => air.killEncoder()),
      end: () => this.onAir('onBroadcastStop', () => air.stop()),
      setStats: (change, output) => air.setStats(change, output),
      setTarget: (change) => this.onAir('', () => air.setTarget(change)),
    };
  }

  private steeredOutputs(): FakeOutputs {
    const { outputs } = this.air;
    const then = async (done: Promise<unknown>) => {
      await done;
      await this.settle();
    };
    return {
      get states() {
        return Object.fromEntries(outputs.statuses().map(({ id, state }) => [id, state]));
      },
      start: (id) => then(outputs.start({ id })),
      stop: (id) => then(outputs.stop({ id })),
    };
  }

  private streamersCommands(): FakeCommands {
    return {
      list: () => this.registry.list(),
      execute: (command, ...args) =>
        this.asStreamer(() => {
          requireJson(args, 'args');
          return this.registry.execute(command, args);
        }),
      register: (command, callback) =>
        void this.registry.register(command, 'another plugin', (args) => callback(...args)),
    };
  }

  /** Whoever runs a command gets its errors as they were thrown. */
  private async asStreamer<T>(run: () => Promise<unknown>): Promise<T> {
    try {
      return (await run()) as T;
    } catch (error) {
      throw asThrown(error);
    } finally {
      await this.settle();
    }
  }

  private grant(permission: Permission): void {
    this.plugin.granted = [...this.plugin.granted, permission];
    this.link?.regrant();
  }

  private faultInjection(): FakeFaults {
    const { plugin } = this;
    const endHost = async () => {
      this.endHost();
      await new Promise<void>((resolve) => setImmediate(resolve));
    };
    return {
      killHost: endHost,
      setLatency: (ms) => {
        this.latencyMs = ms;
        if (this.link !== undefined) this.link.channel.latencyMs = ms;
      },
      setStorageFull: (full) => {
        this.store.full = full;
      },
      revoke: (permission) => {
        const revoked = permissionCalled(permission);
        plugin.granted = plugin.granted.filter((one) => !coversPermission(revoked, one));
        this.link?.regrant();
      },
      grant: (permission) => this.grant(permissionCalled(permission)),
      loseCore: async () => {
        this.link?.channel.destroy();
        await endHost();
      },
    };
  }

  private readonly logSink: Log = {
    trace: (message, details) => this.write('trace', message, details),
    debug: (message, details) => this.write('debug', message, details),
    info: (message, details) => this.write('info', message, details),
    warn: (message, details) => this.write('warn', message, details),
    error: (message, details) => this.write('error', message, details),
  };

  /**
   * Like the core's log: output channels, messages without a channel, and failures with a stack, other than those of
   * commands and exports, which whoever calls them gets.
   */
  private write(level: LogLine['level'], message: string, details: LogDetails = {}): void {
    if (details.channel !== undefined) this.log.push({ level, message });
    else if ('stack' in details && details.command === undefined && details.export === undefined)
      this.failures.push({ message, ...stackOf(details) });
  }
}

type TestSettings = NonNullable<StartOptions['settings']>;

interface LogDetails {
  readonly channel?: string;
  readonly command?: string;
  readonly export?: string;
  readonly stack?: string | undefined;
}

function stackOf({ stack }: LogDetails): { readonly stack?: string } {
  return stack === undefined ? {} : { stack };
}

async function valuesOf(texts: Pick<StoredTexts, 'all'>): Promise<Record<string, unknown>> {
  const entries = Object.entries(await texts.all());
  return Object.fromEntries(entries.map(([key, text]) => [key, JSON.parse(text) as unknown]));
}

/** @throws BulkheadError `config.invalid` for what could not be in a configuration */
function profileCalled(name: string): string {
  const result = checkValue(BroadcastConfigSchema.shape.profile, name);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new BulkheadError(ErrorCodes.configInvalid, `${issue?.message}, got "${name}"`, { where: 'profile' });
}

/** @throws BulkheadError `config.invalid` for what could not be in a configuration */
function keybindingsIn(given: unknown): readonly TestKeybinding[] {
  const result = checkValue(BroadcastConfigSchema.shape.keybindings, given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const { path = [], message } = issue ?? {};
  throw new BulkheadError(ErrorCodes.configInvalid, `${path.join('.')}: ${message}`, {
    where: 'keybindings',
  });
}

function permissionCalled(name: string): Permission {
  const problem = permissionProblem(name);
  if (problem === undefined) return name as Permission;
  throw new BulkheadError(ErrorCodes.configInvalid, `${problem}, got "${name}"`, { where: 'permissions' });
}
