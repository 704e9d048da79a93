import Module from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { Emitter } from '../../../base/event.js';
import { isWithinOrSame } from '../../../base/is-within.js';
import { withDeadline } from '../../../base/with-deadline.js';
import type { CommandLine } from '../../../process-host/parent-death.js';
import { PLUGIN_STAGE_VARIABLE } from '../../../protocol/extension-host.js';
import { GATE_VARIABLE } from '../../../protocol/network-gate.js';
import { scopesOf } from '../../../protocol/permissions/permissions.js';
import { smallFiles } from '../../disk/small-files.js';
import { entryPoint } from '../../processes/entry-points.js';
import { launch } from '../../processes/failed-launch.js';
import type { PartInstance } from '../../processes/part-launcher.js';
import { ProcessLauncher } from '../../processes/process-launcher.js';
import { API_PACKAGE, findApiPackage, ownApiPackage } from './api-package.js';
import { ApiStage } from './api-stage.js';
import { type Bind, sandboxed } from './bubblewrap.js';
import {
  type FileGrants,
  findFileGrants,
  NO_FILE_GRANTS,
  NO_OWN_FILES,
  type OwnFiles,
} from './file-grants.js';
import { grantedHosts, type NetworkAccess, networkAccess } from './granted-network.js';
import type { HostLauncher, HostMember, ProfileOutcome } from './host-launchers.js';
import { HostProfile } from './host-profile.js';
import { InterruptibleHost } from './interruptible-host.js';
import type { Isolation } from './isolation.js';
import { DEFAULT_MEMORY, MemoryBoundHost, type MemoryLimits } from './memory-bound-host.js';
import type { NetworkDoor, NetworkGate } from './network-gate.js';
import { nodeArguments } from './node-arguments.js';

/** Cached, since determining it takes 250 kB of memory. */
let timeZone: string | undefined;

/**
 * How much prlimit's bound exceeds the limit on resident memory, MB: it also counts reserved memory, of which an idle Node 20
 * or 22 has 55 MB and Node 24 580 MB. It stops allocations that are faster than the periodic check.
 */
const RESERVED_MB = 1024;

/** Deadline for the disk operations that a launch needs, ms. */
const PREPARE_MS = 5000;
/** How long after the end of a host its temporary folders are removed, ms. */
const REMOVAL_MS = 500;

/** The environment variable by which `os.homedir()` finds the home folder: a sandbox has no list of users. */
const HOME = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';

/** Where a sandbox has its door to the network. */
const GATE_FOLDER = '/run/bulkhead-network';

export interface IsolatedHostOptions {
  /** The host's script; the bundle if undefined. */
  readonly entryPoint?: string;
  readonly memory?: Partial<MemoryLimits>;
  /** How plugins in a sandbox reach some hosts; without it they reach none. */
  readonly gate?: Pick<NetworkGate, 'open'>;
  /** What no plugin may read. */
  readonly ownFiles?: () => OwnFiles;
}

interface ApiAccess {
  readonly folders: readonly string[];
  readonly binds: readonly Bind[];
  readonly stage?: ApiStage;
}

/**
 * Launches the host of one or several plugins with no more permissions than it needs. A CPU profile shows where a plugin hangs;
 * it costs 30 ms of a start and a hundred wake-ups a second. So a plugin in development has one from the start, any other only
 * after it has hung.
 */
export class IsolatedHostLauncher implements HostLauncher {
  readonly role = 'extension-host';
  readonly isolated = true;
  private readonly script: string;
  private readonly memory: MemoryLimits;
  private readonly network: NetworkAccess;
  private door: NetworkDoor | undefined;
  private files: FileGrants = NO_FILE_GRANTS;
  /** Bulkhead's own, as they were when `files` were looked up. */
  private knownOwn: readonly string[] = [];
  private readonly leaveOutEmitter = new Emitter<string>();
  readonly onDidLeaveOut = this.leaveOutEmitter.event;
  private readonly inspected: boolean;
  /** Whether each run has a profile. */
  private readonly alwaysProfiled: boolean;
  private profiling: boolean;
  /** How each plugin finds the API package; undefined until it has been looked up. */
  private api: readonly ApiAccess[] | undefined;
  private stage: ApiStage | undefined;
  private preparation: Promise<void> | undefined;
  private failure = new Error('the link to its API is not ready yet');
  /** For the next launch with a profile. */
  private nextProfile: HostProfile | undefined;
  private makingProfile: Promise<void> | undefined;
  private readonly profiles = new Set<HostProfile>();
  private readonly profileEmitter = new Emitter<ProfileOutcome>();
  readonly onDidProfile = this.profileEmitter.event;

  constructor(
    private readonly isolation: Isolation,
    private readonly members: readonly HostMember[],
    private readonly options: IsolatedHostOptions = {},
  ) {
    this.script = options.entryPoint ?? entryPoint('extension-host');
    this.memory = { ...DEFAULT_MEMORY, ...options.memory };
    this.inspected = members.some(({ plugin }) => plugin.inspector !== undefined);
    // A debugger outside has to reach it.
    this.network = this.inspected ? 'all' : networkAccess(this.plugins);
    // One that is inspected is not ended for hanging.
    this.alwaysProfiled = !this.inspected && members.some(({ plugin }) => plugin.source === 'development');
    this.profiling = this.alwaysProfiled;
  }

  async prepare(): Promise<void> {
    this.preparation ??= this.lookUp().finally(() => {
      this.preparation = undefined;
    });
    await Promise.all([this.preparation, this.prepareProfile()]);
  }

  regrant(): void {
    this.door?.setScopes(grantedHosts(this.plugins));
  }

  get isOutdated(): boolean {
    const others = this.own.files.filter((file) => !this.knownOwn.includes(file));
    return this.files.grants.some(({ realPath }) => others.some((file) => isWithinOrSame(file, realPath)));
  }

  private get own(): OwnFiles {
    return this.options.ownFiles?.() ?? NO_OWN_FILES;
  }

  private get plugins() {
    return this.members.map(({ plugin }) => plugin);
  }

  /** @throws the error of the preparation, if it failed. */
  launch(): PartInstance {
    const { isolation, members, memory, script, api } = this;
    if (api === undefined || this.stage?.isThere === false) {
      void this.prepare();
      throw this.failure;
    }
    timeZone ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
    const stage = api.find((access) => access.stage !== undefined)?.stage;
    const profile = this.takeProfile();
    const launcher = new ProcessLauncher(this.role, {
      entryPoint: script,
      execArgv: [
        ...nodeArguments({
          files: [script, ...this.readable(false)],
          folders: [
            ...members.map(({ plugin }) => plugin.path),
            ...api.flatMap(({ folders }) => folders),
            ...this.readable(true),
          ],
          writable: members.map(({ folders }) => folders.storage),
          network: this.network !== 'none',
          inspected: this.inspected,
          heapMb: memory.heapMb,
          profileLog: profile?.notes,
        }),
        ...(stage === undefined ? [] : ['--preserve-symlinks']),
      ],
      environment: {
        // The sandbox has no /etc/localtime.
        TZ: timeZone,
        ...(stage === undefined ? {} : { [PLUGIN_STAGE_VARIABLE]: stage.plugin }),
        ...(this.door === undefined ? {} : { [GATE_VARIABLE]: GATE_FOLDER }),
        ...(this.files.grants.length === 0 ? {} : { [HOME]: homedir() }),
      },
      workingFolder: parse(process.execPath).root,
      endSignal: 'SIGINT',
      wrap: (node) =>
        this.limited(
          this.sandboxed(
            node,
            api.flatMap(({ binds }) => binds),
            profile,
          ),
        ),
      wrapperStays: isolation.bwrap !== undefined,
    });
    const host = new InterruptibleHost(launch(launcher), profile, {
      hangs: () => {
        this.profiling = !this.inspected;
        void this.prepareProfile();
      },
      profiled: (path) => this.profileEmitter.fire({ path }),
      notProfiled: (error) => this.profileEmitter.fire({ error }),
    });
    return new MemoryBoundHost(host, memory);
  }

  async release(withinMs: number): Promise<void> {
    // Otherwise files being created now would be left behind.
    await inTime(Promise.all([this.preparation, this.makingProfile]), withinMs);
    const { stage } = this;
    this.door?.dispose();
    this.door = undefined;
    this.stage = undefined;
    this.api = undefined;
    this.nextProfile?.dispose();
    this.nextProfile = undefined;
    await inTime(Promise.all([stage?.remove(), this.finishProfiles(withinMs)]), withinMs + REMOVAL_MS);
  }

  private async finishProfiles(withinMs: number): Promise<void> {
    const profiles = [...this.profiles];
    const done = Promise.all(profiles.map((profile) => profile.done));
    await withDeadline(done, withinMs, () => {
      for (const profile of profiles) profile.dispose();
      return done;
    });
  }

  private async lookUp(): Promise<void> {
    const looked = Promise.all([
      Promise.all(this.members.map((member) => this.apiAccess(member))),
      this.findFiles(),
      this.openDoor(),
    ]);
    try {
      [this.api] = await withDeadline(looked, PREPARE_MS, () => {
        throw new Error('the disk does not respond');
      });
    } catch (error) {
      this.api = undefined;
      this.failure = error instanceof Error ? error : new Error(String(error));
    }
  }

  private async findFiles(): Promise<void> {
    const scopes = this.plugins.flatMap(({ granted = [] }) => scopesOf(granted, 'file:read'));
    // A broadcast may begin meanwhile, with a configuration file.
    do {
      const { own } = this;
      this.files = await findFileGrants([...new Set(scopes)], {
        home: homedir(),
        own,
        canMask: this.isolation.bwrap !== undefined,
      });
      this.knownOwn = own.files;
    } while (this.isOutdated);
    for (const what of this.files.leftOut) this.leaveOutEmitter.fire(what);
  }

  /** Paths of granted files, or of granted folders. */
  private readable(folders: boolean): string[] {
    const { grants } = this.files;
    return grants.flatMap(({ path, realPath, isFolder }) => (isFolder === folders ? [path, realPath] : []));
  }

  private async openDoor(): Promise<void> {
    const { gate } = this.options;
    if (this.network !== 'some' || this.isolation.bwrap === undefined || this.door !== undefined) return;
    this.door = await gate?.open(grantedHosts(this.plugins));
    this.regrant();
  }

  /** A host that cannot be profiled is started without a profile. */
  private async prepareProfile(): Promise<void> {
    if (!this.profiling || this.nextProfile !== undefined) return;
    this.makingProfile ??= this.makeProfile().finally(() => {
      this.makingProfile = undefined;
    });
    await inTime(this.makingProfile, PREPARE_MS);
  }

  private async makeProfile(): Promise<void> {
    try {
      const profile = await HostProfile.make(this.members[0]?.folders.profiles ?? '');
      this.profiles.add(profile);
      void profile.done.then(() => this.profiles.delete(profile));
      this.nextProfile = profile;
    } catch (error) {
      this.profileEmitter.fire({ error });
    }
  }

  private takeProfile(): HostProfile | undefined {
    const profile = this.nextProfile;
    this.nextProfile = undefined;
    this.profiling = this.alwaysProfiled;
    void this.prepareProfile();
    return profile;
  }

  private sandboxed(
    node: CommandLine,
    binds: readonly Bind[],
    profile: HostProfile | undefined,
  ): CommandLine {
    const { bwrap } = this.isolation;
    if (bwrap === undefined) return node;
    const own = [
      { source: this.script },
      ...this.members.map(({ plugin }) => ({ source: plugin.path })),
      ...[
        ...this.members.map(({ folders }) => folders.storage),
        ...(profile === undefined ? [] : [profile.notesFolder]),
      ].map((source) => ({
        source,
        writable: true,
      })),
    ];
    const door = this.door === undefined ? [] : [{ source: this.door.folder, target: GATE_FOLDER }];
    return sandboxed(
      {
        ...{ bwrap, files: this.files, binds: [...own, ...binds, ...door] },
        ...{ network: this.network === 'all', reportPid: true },
      },
      node,
    );
  }

  private limited({ command, args }: CommandLine): CommandLine {
    const { prlimit } = this.isolation;
    if (prlimit === undefined) return { command, args };
    const data = (this.memory.totalMb + RESERVED_MB) * 1024 * 1024;
    return { command: prlimit, args: [`--data=${data}`, '--core=0', '--', command, ...args] };
  }

  /** How the plugin finds the API package: see `api-resolution.ts` in the host for its part of it. */
  private async apiAccess({ plugin: { path, main } }: HostMember): Promise<ApiAccess> {
    // Asked first, so that no further call is made to a disk that hangs.
    await smallFiles.answers(path, PREPARE_MS);
    const found = await findApiPackage(main);
    if (found !== undefined) {
      const linked = found.path === found.realPath || isWithinOrSame(found.path, path) ? [] : [found.path];
      const folders = isWithinOrSame(found.realPath, path) ? linked : [...linked, found.realPath];
      const binds = folders.map((target) => ({ source: found.realPath, target }));
      return { folders, binds };
    }
    // Plugins that share a process are distinguished by hooks, which do not need the package.
    if (this.members.length > 1) return { folders: [], binds: [] };
    if (this.isolation.bwrap !== undefined) {
      const target = join(dirname(path), 'node_modules', API_PACKAGE);
      return { folders: [target], binds: [{ source: ownApiPackage(), target }] };
    }
    // Node 22.15 and later have hooks that run on the importing thread.
    if ('registerHooks' in Module) return { folders: [], binds: [] };
    if (this.stage === undefined || !this.stage.isThere) this.stage = await ApiStage.make(path);
    return { folders: [this.stage.path], binds: [], stage: this.stage };
  }
}

async function inTime(promise: Promise<unknown>, deadlineMs: number): Promise<void> {
  await withDeadline(promise, deadlineMs, () => {}).catch(() => {});
}
