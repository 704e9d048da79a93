import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Container } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { bindExtensionHosts } from '../../src/core/extension-hosts/bind-extension-hosts.js';
import {
  ExtensionHostFactory,
  HostSupervision,
} from '../../src/core/extension-hosts/hosts/extension-host-factory.js';
import type { ExtensionHostStub } from '../../src/core/extension-hosts/hosts/extension-host-stub.js';
import { NO_OWN_FILES, type OwnFiles } from '../../src/core/extension-hosts/isolation/file-grants.js';
import type {
  HostLauncher,
  HostLaunchers,
  HostMember,
} from '../../src/core/extension-hosts/isolation/host-launchers.js';
import type { IsolatedHostOptions } from '../../src/core/extension-hosts/isolation/isolated-host-launcher.js';
import { IsolatedHostLaunchers } from '../../src/core/extension-hosts/isolation/isolated-host-launchers.js';
import { type Isolation, probeIsolation } from '../../src/core/extension-hosts/isolation/isolation.js';
import type { MemoryLimits } from '../../src/core/extension-hosts/isolation/memory-bound-host.js';
import { NetworkGate } from '../../src/core/extension-hosts/isolation/network-gate.js';
import { PluginStore } from '../../src/core/extension-hosts/store/plugin-store.js';
import type { Log } from '../../src/core/log/log.js';
import { bindNamespaces } from '../../src/core/main-thread/bind-main-thread.js';
import { CommandRegistry } from '../../src/core/main-thread/command-registry.js';
import { PermissionRequests } from '../../src/core/main-thread/permission-requests.js';
import { DEFAULT_PLUGIN_DEADLINES, PluginDeadlines } from '../../src/core/main-thread/plugin-deadlines.js';
import { packageRoot } from '../../src/core/processes/entry-points.js';
import { InProcessLauncher } from '../../src/core/processes/in-process-launcher.js';
import { ProcessLauncher } from '../../src/core/processes/process-launcher.js';
import type { SupervisionLimits } from '../../src/core/processes/supervision-limits.js';
import { ProgressList } from '../../src/core/streamer/progress-list.js';
import { Questions } from '../../src/core/streamer/questions.js';
import { extensionHostPart } from '../../src/extension-host/extension-host-part.js';
import { discoverPlugins } from '../../src/plugins/discover-plugins.js';
import {
  type AllowedProposals,
  type InstalledPlugin,
  withProposals,
} from '../../src/plugins/installed-plugin.js';
import { checkSettings, type GivenSettings, Settings } from '../../src/plugins/settings.js';
import type { NoticeParams } from '../../src/protocol/control.js';
import type { ExtensionHostStatus } from '../../src/protocol/status/extension-host-status.js';
import { FakeBroadcast } from './fake-broadcast.js';
import { pluginHosting } from './plugin-hosting.js';
import { tempDir } from './temp.js';
import { eventually } from './wait.js';

/** The extension host's bundle, of the same build as this test. */
export const hostEntryPoint = fileURLToPath(new URL('../../bin/extension-host.cjs', import.meta.url));

/** The network gate's bundle, of the same build as this test. */
export const gateEntryPoint = fileURLToPath(new URL('../../bin/network-gate.cjs', import.meta.url));

/** Where a host runs; plugins and the core must behave the same in both. */
export type Place = 'in a process of its own' | 'inside the core';
export const places: readonly Place[] = ['in a process of its own', 'inside the core'];

/** How plugins are isolated on this machine. */
export const isolation = await probeIsolation();

/** Launches hosts like the core. */
export function hostLaunchers(
  place: Place,
  how: Isolation = isolation,
  memory?: Partial<MemoryLimits>,
  options: IsolatedHostOptions = {},
): HostLaunchers {
  if (place === 'in a process of its own') {
    return new IsolatedHostLaunchers(how, {
      ...options,
      entryPoint: hostEntryPoint,
      ...(memory && { memory }),
    });
  }
  const launcher = new InProcessLauncher(extensionHostPart);
  return { tier: 'none', launcherFor: () => launcher };
}

export interface PluginSource {
  /** Text of its main module. */
  readonly source: string;
  readonly type?: 'esm' | 'cjs';
  /** Additional or different keys of its package.json. */
  readonly manifest?: object;
  /** Other files, by path in the folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Link the real package into its node_modules, as `npm install` would. */
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

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The core as extension hosts see it, with plugins on the disk. */
export class PluginBench implements Disposable {
  private readonly folder = tempDir('plugins');
  private readonly stubs: ExtensionHostStub[] = [];
  private readonly container: Container;
  readonly settings: Settings;
  readonly store: PluginStore;
  readonly broadcast = new FakeBroadcast();
  readonly commands: CommandRegistry;
  readonly questions: Questions;
  readonly progress: ProgressList;
  readonly notices: Omit<NoticeParams, 'atMs'>[] = [];
  /** Addresses that the streamer's browser was asked to open. */
  readonly opened: string[] = [];
  readonly lines: LogLine[] = [];
  readonly gate: NetworkGate;
  /** What no plugin may read. */
  ownFiles: OwnFiles = NO_OWN_FILES;

  constructor(
    private readonly place: Place,
    private readonly how: Isolation = isolation,
    private readonly memory?: Partial<MemoryLimits>,
  ) {
    this.gate = new NetworkGate({
      folder: join(this.path, '.gate'),
      logLevel: 'info',
      log: this.log(),
      entryPoint: gateEntryPoint,
    });
    this.container = pluginHosting({
      launchers: {
        tier: hostLaunchers(place, how, memory).tier,
        launcherFor: (members) => this.launcherFor(members),
      },
      folder: join(this.path, '.stored'),
      broadcast: this.broadcast,
      notices: { notice: (notice) => this.notices.push(notice) },
      browser: {
        isAvailable: true,
        open: async (url) => {
          this.opened.push(url);
          return true;
        },
      },
      log: this.log(),
    });
    this.container.get(PermissionRequests).grant = async (plugin, permission) => {
      plugin.granted = [...plugin.granted, permission];
      for (const stub of this.stubs) stub.regrant();
    };
    this.settings = this.container.get(Settings);
    this.store = this.container.get(PluginStore);
    this.commands = this.container.get(CommandRegistry);
    this.questions = this.container.get(Questions);
    this.progress = this.container.get(ProgressList);
  }

  get path(): string {
    return this.folder.path;
  }

  write(name: string, plugin: PluginSource): string {
    return writePlugin(this.path, name, plugin);
  }

  /** A host for the plugins in these folders, not started. */
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
    const { settings: given = {}, source = 'folder', allowApiProposals = {} } = options;
    const { plugins: found, errors } = discoverPlugins(folders);
    if (errors[0] !== undefined) throw errors[0];
    const plugins = found.map((plugin) => withProposals({ ...plugin, source }, allowApiProposals));
    checkSettings(plugins, given);
    this.settings.set(plugins, given);
    // Deadlines are the same for all hosts of a core.
    const container = new Container({ parent: this.container, defaultScope: 'Singleton' });
    container.bind(PluginDeadlines).toConstantValue({ ...DEFAULT_PLUGIN_DEADLINES, ...options.deadlines });
    container.bind(HostSupervision).toConstantValue(options.limits ?? {});
    bindNamespaces(container);
    bindExtensionHosts(container);
    const stub = container
      .get(ExtensionHostFactory)
      .create({ plugins, activateDependencies: async () => {}, log: this.log() });
    this.stubs.push(stub);
    return stub;
  }

  private launcherFor(members: readonly HostMember[]): HostLauncher {
    if (members.length === 1 || this.place === 'inside the core') {
      const options = { gate: this.gate, ownFiles: () => this.ownFiles };
      return hostLaunchers(this.place, this.how, this.memory, options).launcherFor(members);
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
    this.container.unbindAll();
    this.gate.dispose();
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

/** The first status accepted by `wanted`; throws with the last one seen if there is none in time. */
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
