import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import semver from 'semver';
import type { Disposable } from 'vscode-jsonrpc';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  coversPermission,
  grantedOf,
  isCovered,
  isPermission,
  type Permission,
} from '../../protocol/permissions/permissions.js';
import type { KeptData, PackageOrigin, StoredData } from '../../protocol/plugin-management.js';
import type { InstalledPlugin } from '../installed-plugin.js';
import { userLanguage } from '../localization/user-language.js';
import { checkOrigin } from '../npm/check-origin.js';
import { joinErrors, pluginInvalid } from '../plugin-error.js';
import { readPackageJson } from '../read-package-json.js';
import { checkPlugin, type PluginCheck } from '../read-plugin.js';
import { checkPackage } from './check-package.js';
import { isAlive, lockLibrary } from './library-lock.js';
import { checkSource } from './package-source.js';
import { type LibraryEntry, type Registry, readRegistry, versionOf, writeRegistry } from './registry.js';

/** An installed plugin, enabled or not. */
export interface LibraryPlugin {
  readonly entry: LibraryEntry;
  /** Undefined if its folder is invalid. */
  readonly plugin: InstalledPlugin | undefined;
  readonly errors: readonly BulkheadError[];
}

/** A plugin to be installed from a folder that {@link PluginLibrary.makeStagingFolder} has created. */
export interface StagedPlugin {
  /** The folder's name. */
  readonly staged: string;
  /** Its origin: a folder, an archive, or an npm package. */
  readonly spec: string;
  readonly granted: readonly string[];
  /** How much the streamer allows it to keep in its folder, MB; less if the plugin asks for less. */
  readonly storageMb: number;
  /** The streamer's decision about stored data; if undefined, only a plugin from the same source gets it. */
  readonly data?: StoredData | undefined;
  /** Of a package of npm. */
  readonly origin?: PackageOrigin | undefined;
  /** Whether another publisher or source than that of the version before is accepted. */
  readonly acceptChangedSource?: boolean | undefined;
}

/** A version of a plugin that {@link PluginLibrary.commit} makes the installed one. */
export interface PreparedVersion {
  readonly entry: LibraryEntry;
  readonly plugin: InstalledPlugin;
}

/** The default location of this user's library. */
export function defaultLibraryFolder(): string {
  return join(envPaths('bulkhead', { suffix: '' }).data, 'library');
}

/** Contains the creating process' id, so that only the folders of processes that have exited are removed. */
const STAGED = /^(\d+)-[0-9a-f-]+$/;

/**
 * The installed plugins on the disk:
 *
 * - `registry.json`: the list of installed plugins; replaced atomically, so that after a crash it has either the old or the
 * new content;
 * - `plugins/`: a folder for each installed version, and for the one before it. Other folders are leftovers;
 * - `staging/`: packages that are being unpacked and checked;
 * - `lock`: the name of the process that may change the library; the lock itself is held by the operating system.
 *
 * Runs none of the plugins' code. Writing and deleting is asynchronous, since the core does it while it streams; downloading
 * and unpacking is done by others.
 */
export class PluginLibrary implements Disposable {
  private entries: readonly LibraryEntry[] = [];
  private keptData: readonly KeptData[] = [];
  /** By folder name. */
  private readonly checks = new Map<string, { readonly state: string; readonly check: PluginCheck }>();
  private lock: Disposable | undefined;
  private opening: Promise<void> | undefined;

  /** @param owner Name of the lock's owner, for errors of other processes: "the core at ADDRESS". */
  constructor(
    readonly folder: string,
    private readonly owner = 'another command',
  ) {}

  /**
   * Locks the library for this process and removes leftovers of a crash; otherwise the first change does so. If it is in use,
   * the list can still be read.
   *
   * @throws `library.inUse`, `library.damaged`
   */
  open(): Promise<void> {
    this.opening ??= this.takeLock().catch((error) => {
      this.dispose();
      throw BulkheadError.from(error, ErrorCodes.storageFailed);
    });
    return this.opening;
  }

  /** Reads the list without locking the library. @throws `library.damaged` */
  read(): void {
    const { plugins, kept } = readRegistry(this.registry);
    this.entries = plugins;
    this.keptData = kept;
  }

  /** Stored data of plugins that have been removed. */
  get kept(): readonly KeptData[] {
    return this.keptData;
  }

  /** All installed plugins, each checked in its current state on the disk. */
  list(): LibraryPlugin[] {
    return this.entries.map((entry) => this.load(entry));
  }

  /** Those that are enabled and valid. */
  enabled(): InstalledPlugin[] {
    return this.list().flatMap(({ entry, plugin }) =>
      entry.enabled && plugin !== undefined ? [plugin] : [],
    );
  }

  find(id: string): LibraryPlugin | undefined {
    const entry = this.entries.find((candidate) => candidate.id === id);
    return entry === undefined ? undefined : this.load(entry);
  }

  /** @throws `plugin.notInstalled` */
  get(id: string): LibraryPlugin {
    const found = this.find(id);
    if (found !== undefined) return found;
    throw new BulkheadError(ErrorCodes.pluginNotInstalled, `the plugin "${id}" is not installed`, {
      where: id,
      remedy: 'See "bulkhead plugin list".',
    });
  }

  /** Creates an empty folder of this process to unpack a package into; does not require {@link open}. */
  makeStagingFolder(): { readonly name: string; readonly path: string } {
    const name = `${process.pid}-${randomUUID()}`;
    const path = this.stagingPath(name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return { name, path };
  }

  stagingPath(name: string): string {
    if (!STAGED.test(name)) throw pluginInvalid(name, 'expected the name of a staging folder');
    return join(this.folder, 'staging', name);
  }

  /**
   * Moves a staged plugin to the installed ones, next to the current version; {@link commit} makes it the installed one. It
   * is enabled if that version is.
   *
   * @throws `plugin.invalid` with every error in it; `plugin.otherSource`; `plugin.changedSource`; `library.inUse`.
   */
  async prepare(params: StagedPlugin): Promise<PreparedVersion> {
    const { staged, spec, granted, storageMb, data, origin, acceptChangedSource } = params;
    await this.open();
    const from = this.stagingPath(staged);
    const { id, version, permissions, optionalPermissions } = checkPackage(from, spec);
    const owner = this.dataOf(id);
    if (data === undefined) checkSource(id, owner, spec);
    if (data !== 'fresh' && acceptChangedSource !== true) checkOrigin({ id, version }, owner, origin);
    const folder = `${encodeURIComponent(id)}@${version}-${randomUUID().slice(0, 8)}`;
    await mkdir(join(this.folder, 'plugins'), { recursive: true, mode: 0o700 });
    await rename(from, this.pathOf(folder));
    const entry: LibraryEntry = {
      id,
      version,
      folder,
      enabled: this.find(id)?.entry.enabled ?? true,
      granted: grantedOf([...permissions, ...optionalPermissions], granted.filter(isPermission)),
      storageMb,
      spec,
      installedAt: new Date().toISOString(),
      ...(origin && { origin }),
    };
    const loaded = this.load(entry);
    if (loaded.plugin === undefined) throw joinErrors(loaded.errors);
    return { entry, plugin: loaded.plugin };
  }

  /**
   * The version before of a plugin, with the current one as the one before it. It has what it was granted, but for whatever
   * overlaps with a permission that the current version asks for and does not have: what has been revoked stays so.
   *
   * @throws `plugin.notInstalled`, `plugin.noVersionBefore`; `plugin.invalid` if it is damaged.
   */
  versionBefore(id: string): PreparedVersion {
    const { entry: current, plugin: leaving } = this.get(id);
    const { previous } = current;
    if (previous === undefined) {
      throw new BulkheadError(
        ErrorCodes.pluginNoVersionBefore,
        `there is no version before ${current.version} of "${id}"`,
        {
          where: id,
          remedy: 'One is kept after an update. Or install the version that you want.',
        },
      );
    }
    const isBack = semver.lt(previous.version, current.version);
    const entry: LibraryEntry = {
      id,
      enabled: current.enabled,
      ...previous,
      previous: versionOf(current),
      ...(isBack && { leftVersion: current.version }),
    };
    const { plugin, errors } = this.load(entry);
    if (plugin === undefined) throw joinErrors(errors);
    // A damaged version does not say what it asked for, and so not what has been revoked.
    const keptGrants = leaving === undefined ? [] : notRefused(previous.granted, leaving);
    const granted = grantedOf(
      [...plugin.permissions, ...plugin.optionalPermissions],
      [...current.granted, ...keptGrants],
    );
    return { entry: { ...entry, granted }, plugin: { ...plugin, granted } };
  }

  /**
   * Makes a prepared version the installed one. The versions before stay on the disk until {@link discard}.
   */
  async commit(entry: LibraryEntry): Promise<void> {
    await this.open();
    const isNew = !this.entries.some(({ id }) => id === entry.id);
    await this.save({
      // In the order of their first installation: where two conflict, the first one runs.
      plugins: isNew
        ? [...this.entries, entry]
        : this.entries.map((other) => (other.id === entry.id ? entry : other)),
      kept: this.keptData.filter(({ id }) => id !== entry.id),
    });
  }

  /** Deletes the folder of a version that is neither the installed one nor the one before. */
  async discard({ folder }: Pick<LibraryEntry, 'folder'>): Promise<void> {
    if (foldersOf(this.entries).has(folder)) return;
    await rm(this.pathOf(folder), { recursive: true, force: true });
  }

  async setEnabled(id: string, enabled: boolean): Promise<void> {
    await this.open();
    await this.commit({ ...this.get(id).entry, enabled });
  }

  async setGranted(id: string, granted: readonly Permission[]): Promise<void> {
    await this.open();
    await this.commit({ ...this.get(id).entry, granted: [...granted] });
  }

  /**
   * Removes the plugin from the list; its folder stays on the disk until {@link discard}.
   *
   * @param purged Whether its stored data is deleted as well.
   */
  async remove(id: string, purged: boolean): Promise<LibraryEntry> {
    await this.open();
    const { entry } = this.get(id);
    const kept = this.keptData.filter((data) => data.id !== id);
    await this.save({
      plugins: this.entries.filter((other) => other.id !== id),
      kept: purged
        ? kept
        : [...kept, { id, spec: entry.spec, ...(entry.origin && { origin: entry.origin }) }],
    });
    return entry;
  }

  dispose(): void {
    this.lock?.dispose();
    this.lock = undefined;
    this.opening = undefined;
  }

  private get registry(): string {
    return join(this.folder, 'registry.json');
  }

  private pathOf(folder: string): string {
    return join(this.folder, 'plugins', folder);
  }

  private load(entry: LibraryEntry): LibraryPlugin {
    const { plugin, errors } = this.checked(entry.folder);
    if (plugin === undefined) return { entry, plugin, errors };
    const granted = grantedOf([...plugin.permissions, ...plugin.optionalPermissions], entry.granted);
    const storageMb = Math.min(plugin.storageMb, entry.storageMb);
    return { entry, plugin: { ...plugin, granted, storageMb, source: 'library' }, errors };
  }

  /** The check of a folder, cached until the folder changes: the core calls this often, and while it streams. */
  private checked(name: string): PluginCheck {
    const folder = this.pathOf(name);
    const state = `${userLanguage.current} ${stateOf(join(folder, 'package.json'))}`;
    const known = this.checks.get(name);
    if (known?.state === state) return known.check;
    const check = checkFolder(folder);
    this.checks.set(name, { state, check });
    return check;
  }

  /** The possible owner of stored data under this id. */
  private dataOf(id: string): (KeptData & { readonly version?: string }) | undefined {
    return this.entries.find((entry) => entry.id === id) ?? this.keptData.find((data) => data.id === id);
  }

  private async takeLock(): Promise<void> {
    this.read();
    const lock = await lockLibrary(join(this.folder, 'lock'), this.owner);
    if (this.opening === undefined) {
      lock.dispose();
      throw new BulkheadError(ErrorCodes.libraryInUse, 'the library was closed before it was open', {
        where: this.folder,
      });
    }
    this.lock = lock;
    // The previous owner of the lock may have changed it.
    this.read();
    await this.clean();
  }

  private async save({ plugins, kept }: Registry): Promise<void> {
    await writeRegistry(this.registry, { plugins, kept });
    this.entries = plugins;
    this.keptData = kept;
    const folders = foldersOf(plugins);
    for (const name of this.checks.keys()) if (!folders.has(name)) this.checks.delete(name);
  }

  private async clean(): Promise<void> {
    const folders = foldersOf(this.entries);
    const leftovers = [
      ...namesIn(join(this.folder, 'plugins'))
        .filter((name) => !folders.has(name))
        .map((name) => join('plugins', name)),
      ...namesIn(join(this.folder, 'staging'))
        .filter((name) => isOfExitedProcess(STAGED.exec(name)))
        .map((name) => join('staging', name)),
      ...namesIn(this.folder).filter((name) =>
        isOfExitedProcess(/^(?:registry\.json|lock)\.(\d+)$/.exec(name)),
      ),
    ];
    for (const name of leftovers) await rm(join(this.folder, name), { recursive: true, force: true });
  }
}

/** Those of the permissions that do not overlap with one that the plugin asks for and has not been granted. */
function notRefused(
  before: readonly Permission[],
  { permissions, optionalPermissions, granted }: InstalledPlugin,
): Permission[] {
  const refused = [...permissions, ...optionalPermissions].filter((asked) => !isCovered(asked, granted));
  return before.filter(
    (permission) =>
      !refused.some((asked) => coversPermission(asked, permission) || coversPermission(permission, asked)),
  );
}

/** The folders of the versions that are kept. */
function foldersOf(entries: readonly LibraryEntry[]): Set<string> {
  return new Set(entries.flatMap(({ folder, previous }) => [folder, ...(previous ? [previous.folder] : [])]));
}

function checkFolder(folder: string): PluginCheck {
  try {
    if (!existsSync(folder))
      throw pluginInvalid(folder, 'there is no such folder', 'Install the plugin again.');
    return checkPlugin(folder, readPackageJson(folder));
  } catch (error) {
    return { plugin: undefined, errors: [BulkheadError.from(error, ErrorCodes.pluginInvalid)], warnings: [] };
  }
}

/** Changes when the file has changed; empty if there is none. */
function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}

/** Whether the process in the name has exited. */
function isOfExitedProcess(match: RegExpExecArray | null): boolean {
  return match !== null && !isAlive(Number(match[1]));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
