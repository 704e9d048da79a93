import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter } from '../../src/base/event.js';
import { Markers } from '../../src/core/broadcast/markers.js';
import type { PluginDeadlines } from '../../src/core/extension-hosts/hosts/extension-host-options.js';
import { ExtensionHostStub } from '../../src/core/extension-hosts/hosts/extension-host-stub.js';
import type { HostLauncher, HostLaunchers } from '../../src/core/extension-hosts/isolation/host-launchers.js';
import type { MemoryLimits } from '../../src/core/extension-hosts/isolation/isolated-host-launcher.js';
import { IsolatedHostLaunchers } from '../../src/core/extension-hosts/isolation/isolated-host-launchers.js';
import { type Isolation, probeIsolation } from '../../src/core/extension-hosts/isolation/isolation.js';
import { PluginStore } from '../../src/core/extension-hosts/store/plugin-store.js';
import type { Log } from '../../src/core/log/log.js';
import { BroadcastFeed } from '../../src/core/main-thread/broadcast-feed.js';
import type { BroadcastView } from '../../src/core/main-thread/broadcast-view.js';
import { CommandRegistry } from '../../src/core/main-thread/command-registry.js';
import { packageRoot } from '../../src/core/processes/entry-points.js';
import { InProcessLauncher } from '../../src/core/processes/in-process-launcher.js';
import { ProcessLauncher } from '../../src/core/processes/process-launcher.js';
import type { SupervisionLimits } from '../../src/core/processes/supervision-limits.js';
import { Dialogs } from '../../src/core/streamer/dialogs.js';
import { extensionHostPart } from '../../src/extension-host/extension-host-part.js';
import { discoverPlugins } from '../../src/plugins/discover-plugins.js';
import {
  type AllowedProposals,
  type InstalledPlugin,
  withProposals,
} from '../../src/plugins/installed-plugin.js';
import { checkSettings, type GivenSettings, Settings } from '../../src/plugins/settings.js';
import type {
  BroadcastMarker,
  BroadcastState,
  ExtensionHostStatus,
  NoticeParams,
  Status,
} from '../../src/protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../src/protocol/errors.js';
import type { BroadcastSpliceParams } from '../../src/protocol/plugin-broadcast.js';
import { IDLE_STATUS } from './idle-status.js';
import { tempDir } from './temp.js';
import { eventually } from './wait.js';

/** The extension host's bundle, of the same build as this test. */
export const hostEntryPoint = fileURLToPath(new URL('../../bin/extension-host.cjs', import.meta.url));

/** Where a host runs; nothing that a plugin or the core does may depend on it. */
export type Place = 'in a process of its own' | 'inside the core';
export const places: readonly Place[] = ['in a process of its own', 'inside the core'];

/** What keeps plugins apart on this machine. */
export const isolation = await probeIsolation();

/** Launches hosts as the core does here. */
export function hostLaunchers(
  place: Place,
  how: Isolation = isolation,
  memory?: Partial<MemoryLimits>,
): HostLaunchers {
  if (place === 'in a process of its own') {
    return new IsolatedHostLaunchers(how, { entryPoint: hostEntryPoint, ...(memory && { memory }) });
  }
  const launcher = new InProcessLauncher(extensionHostPart);
  return { tier: 'none', launcherFor: () => launcher };
}

export interface PluginSource {
  /** The text of its main module. */
  readonly source: string;
  readonly type?: 'esm' | 'cjs';
  /** Keys of its package.json that differ. */
  readonly manifest?: object;
  /** Other files by their paths in the folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Link the real package into its node_modules, as `npm install` would put it there. */
  readonly installed?: boolean;
}

/** Writes a plugin into `folder/name`. */
export function writePlugin(folder: string, name: string, plugin: PluginSource): string {
  const path = join(folder, name);
  const main = plugin.type === 'cjs' ? 'main.cjs' : 'main.mjs';
  const manifest = { name, version: '1.0.0', main, engines: { bulkhead: '^1.0.0' }, ...plugin.manifest };
  const files = { ...plugin.files, [main]: plugin.source, 'package.json': JSON.stringify(manifest) };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  if (plugin.installed === true) {
    const scope = join(path, 'node_modules', '@bulkhead');
    mkdirSync(scope, { recursive: true });
    symlinkSync(join(packageRoot(), 'extension-api'), join(scope, 'extension-api'), 'junction');
  }
  return path;
}

/** A broadcast that the test steers. */
export class FakeBroadcast implements BroadcastView, Disposable {
  private readonly emitter = new Emitter<BroadcastState>();
  readonly onDidChangeState = this.emitter.event;
  private readonly spliceEmitter = new Emitter<BroadcastSpliceParams>();
  readonly onDidSplice = this.spliceEmitter.event;
  readonly markers = new Markers();
  current: Status = IDLE_STATUS;

  status(): Status {
    return this.current;
  }

  addMarker(label: string, plugin?: string): BroadcastMarker {
    if (this.current.state !== 'live') throw new BulkheadError(ErrorCodes.broadcastState, 'not on air');
    return this.markers.add(label, this.current.timeline.lastTimestampMs, plugin);
  }

  splice(splice: BroadcastSpliceParams): void {
    this.spliceEmitter.fire(splice);
  }

  startAgain(): void {
    this.become('starting');
    this.become('live');
  }

  async stop(): Promise<void> {
    this.become('stopping');
    this.become('idle');
  }

  become(state: BroadcastState, change: Partial<Status> = {}): void {
    this.current = { ...this.current, ...change, state };
    this.emitter.fire(state);
  }

  dispose(): void {
    this.markers.dispose();
    this.spliceEmitter.dispose();
    this.emitter.dispose();
  }
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The core as extension hosts see it, and plugins on the disk. */
export class PluginBench implements Disposable {
  private readonly folder = tempDir('plugins');
  private readonly stubs: ExtensionHostStub[] = [];
  private readonly feed = new BroadcastFeed();
  readonly settings = new Settings();
  readonly store: PluginStore;
  readonly broadcast = new FakeBroadcast();
  readonly commands = new CommandRegistry();
  readonly dialogs = new Dialogs();
  readonly notices: Omit<NoticeParams, 'atMs'>[] = [];
  readonly lines: LogLine[] = [];

  constructor(
    private readonly place: Place,
    private readonly how: Isolation = isolation,
    private readonly memory?: Partial<MemoryLimits>,
  ) {
    this.feed.watch(this.broadcast);
    this.store = new PluginStore(join(this.path, '.stored'), this.log());
  }

  get path(): string {
    return this.folder.path;
  }

  write(name: string, plugin: PluginSource): string {
    return writePlugin(this.path, name, plugin);
  }

  /** A host for the plugins in these folders; it is not running yet. */
  host(
    folders: readonly string[],
    options: {
      deadlines?: Partial<PluginDeadlines>;
      limits?: Partial<SupervisionLimits>;
      settings?: GivenSettings;
      source?: InstalledPlugin['source'];
      allowApiProposals?: AllowedProposals;
    } = {},
  ): ExtensionHostStub {
    const { settings: given = {}, source = 'folder', allowApiProposals = {}, ...rest } = options;
    const { plugins: found, errors } = discoverPlugins(folders);
    if (errors[0] !== undefined) throw errors[0];
    const plugins = found.map((plugin) => withProposals({ ...plugin, source }, allowApiProposals));
    checkSettings(plugins, given);
    this.settings.set(plugins, given);
    const stub = new ExtensionHostStub({
      launcher: this.launcherFor(plugins),
      logLevel: 'info',
      plugins,
      activateDependencies: async () => {},
      commands: this.commands,
      tier: this.place === 'inside the core' ? 'none' : this.how.tier,
      feed: this.feed,
      settings: this.settings,
      store: this.store,
      dialogs: this.dialogs,
      notices: { notice: (notice) => this.notices.push(notice) },
      log: this.log(),
      ...rest,
    });
    this.stubs.push(stub);
    return stub;
  }

  private launcherFor(plugins: readonly InstalledPlugin[]): HostLauncher {
    const [plugin] = plugins;
    if (plugin !== undefined && (plugins.length === 1 || this.place === 'inside the core')) {
      const launchers = hostLaunchers(this.place, this.how, this.memory);
      return launchers.launcherFor([{ plugin, folders: this.store.foldersOf(plugin.id) }]);
    }
    return new ProcessLauncher('extension-host', { entryPoint: hostEntryPoint });
  }

  /** Starts a host for one plugin and waits until it is active. */
  async run(name: string, plugin: PluginSource): Promise<ExtensionHostStub> {
    const stub = this.host([this.write(name, plugin)]);
    stub.start();
    await until(stub, 'running', ({ state }) => state === 'running');
    return stub;
  }

  async end(): Promise<void> {
    await Promise.all(this.stubs.map((stub) => stub.stop()));
    this.dispose();
  }

  dispose(): void {
    for (const stub of this.stubs) stub.dispose();
    this.feed.dispose();
    this.settings.dispose();
    this.broadcast.dispose();
    this.folder.dispose();
  }

  private log(): Log {
    const writer =
      (level: string) =>
      (message: string, details: object = {}) => {
        this.lines.push({ level, message, details: { ...details } });
      };
    return {
      trace: writer('trace'),
      debug: writer('debug'),
      info: writer('info'),
      warn: writer('warn'),
      error: writer('error'),
    };
  }
}

/** The first status that `wanted` accepts; an error with the last one seen when there is none in time. */
export async function until(
  stub: ExtensionHostStub,
  what: string,
  wanted: (status: ExtensionHostStatus) => boolean,
  deadlineMs = 20_000,
): Promise<ExtensionHostStatus> {
  try {
    return await eventually(what, () => (wanted(stub.status()) ? stub.status() : undefined), deadlineMs);
  } catch (error) {
    throw new Error(`${(error as Error).message}; last: ${JSON.stringify(stub.status())}`);
  }
}
