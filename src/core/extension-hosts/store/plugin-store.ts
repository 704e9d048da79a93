import { lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import envPaths from 'env-paths';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../../base/event.js';
import { withDeadline } from '../../../base/with-deadline.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type { StorageUsage } from '../../../protocol/plugin-storage.js';
import type { Log } from '../../log/log.js';
import {
  MOST_ENTRIES,
  type PluginStorage,
  SECRETS_QUOTA_BYTES,
  type SecretChange,
  STATE_QUOTA_BYTES,
  type StateUpgrades,
  type StoredTexts,
} from '../../main-thread/plugin-storage.js';
import { type FolderLimits, type FolderUsage, measureFolder } from './measure-folder.js';
import { removeTree } from './remove-tree.js';
import { StateGenerations } from './state-generations.js';
import { TextFile, type TextFileOptions } from './text-file.js';

const FOLDER_DEADLINE_MS = 5000;
/** How long a measurement of a plugin's folder counts; while it runs, `StorageWatch` makes one every few seconds. */
const MEASURED_FOR_MS = 60_000;

interface MeasuredFiles extends FolderUsage {
  /** By `performance.now()`. */
  readonly atMs: number;
}

/** The default location for this user. */
export function defaultStoreFolder(): string {
  return join(envPaths('bulkhead', { suffix: '' }).data, 'plugins');
}

/** Plugins' stored data on this machine: each plugin has a file for its state, one for its secrets, and a writable folder. */
export class PluginStore implements PluginStorage, Disposable {
  private readonly files = new Map<string, TextFile>();
  /** The errors of plugins over their quota, by id. */
  private readonly overQuota = new Map<string, BulkheadError>();
  private currentProfile = 'default';
  private readonly profileEmitter = new Emitter<string>();
  /** Fires with the new profile; `profileState` already uses it. */
  readonly onDidChangeProfile: Event<string> = this.profileEmitter.event;

  private readonly secretEmitter = new Emitter<SecretChange>();
  readonly onDidChangeSecret: Event<SecretChange> = this.secretEmitter.event;
  /** What plugins have in their folders, by id. */
  private readonly measured = new Map<string, MeasuredFiles>();
  private measuring: Promise<unknown> = Promise.resolve();

  private filesRoot: string;
  private making: Promise<unknown> = Promise.resolve();
  private readonly generations: StateGenerations;

  /** @param folder Created when something is stored for the first time. */
  constructor(
    private readonly folder: string,
    private readonly log: Pick<Log, 'warn'>,
  ) {
    this.filesRoot = join(folder, 'files');
    this.generations = new StateGenerations(folder, {
      open: (path, name, plugin) => this.fileAt(path, name, plugin, STATE_QUOTA_BYTES),
      opened: () => [...this.files.keys()],
      remove: (path) => this.forget(path),
    });
  }

  state(plugin: string): StoredTexts {
    return this.generations.current(plugin);
  }

  /** The plugin's state for the current profile only. */
  profileState(plugin: string): StoredTexts {
    return this.generations.current(plugin, this.currentProfile);
  }

  get upgrades(): StateUpgrades {
    return this.generations;
  }

  /** The current profile: from the configuration, where it is validated as a file name. */
  get profile(): string {
    return this.currentProfile;
  }

  useProfile(profile: string): void {
    if (profile === this.currentProfile) return;
    this.currentProfile = profile;
    this.profileEmitter.fire(profile);
  }

  secrets(plugin: string): TextFile {
    const path = join(this.folder, 'secrets', `${encodeURIComponent(plugin)}.json`);
    const onDidChange = (key: string) => this.secretEmitter.fire({ plugin, key });
    return this.fileAt(path, `secrets of the plugin "${plugin}"`, plugin, SECRETS_QUOTA_BYTES, onDidChange);
  }

  /** The folder that a plugin may write to directly, links resolved once {@link makeFilesFolder} has created it. */
  filesFolder(plugin: string): string {
    return join(this.filesRoot, encodeURIComponent(plugin));
  }

  /**
   * Creates the folder that a plugin may write to, if it does not exist. If that fails, or takes more than 5 s, the log says
   * why, and the plugin has no folder. Never rejects.
   *
   * @returns it, links resolved
   */
  async makeFilesFolder(plugin: string): Promise<string> {
    // One at a time: a disk that hangs then blocks only one of libuv's threads.
    const made = this.making.then(() => this.makeFolder(plugin));
    this.making = made.catch(() => {});
    try {
      await withDeadline(made, FOLDER_DEADLINE_MS, () => {
        throw new Error('the disk does not respond');
      });
    } catch (error) {
      this.log.warn(`the folder of the plugin "${plugin}" cannot be made: ${(error as Error).message}`, {
        plugin,
      });
    }
    return this.filesFolder(plugin);
  }

  private async makeFolder(plugin: string): Promise<void> {
    const root = join(this.folder, 'files');
    const path = join(root, encodeURIComponent(plugin));
    await mkdir(path, { recursive: true, mode: 0o700 });
    // A link here was created by the plugin to gain access to its target.
    if ((await lstat(path)).isSymbolicLink()) {
      await rm(path);
      await mkdir(path, { mode: 0o700 });
    }
    this.filesRoot = await realpath(root);
  }

  /** Folder of the plugin's CPU profiles; created with the first one. */
  profilesFolder(plugin: string): string {
    return join(this.folder, 'profiles', encodeURIComponent(plugin));
  }

  /** The folders for launching the plugin's host, in their current state. */
  foldersOf(plugin: string): { readonly storage: string; readonly profiles: string } {
    const storage = () => this.filesFolder(plugin);
    return {
      get storage() {
        return storage();
      },
      profiles: this.profilesFolder(plugin),
    };
  }

  /**
   * Measures the plugin's stored data: its own folder and its state of all profiles. While it is over its limits, it cannot
   * store anything through the API either.
   *
   * @returns `storage.quota` if it is over.
   * @throws if it cannot be measured
   */
  async checkQuota(
    plugin: string,
    limits: FolderLimits,
    signal?: AbortSignal,
  ): Promise<BulkheadError | undefined> {
    let { bytes, entries } = limits;
    const note = () => {
      const used = { bytes: limits.bytes - bytes, entries: limits.entries - entries };
      this.measured.set(plugin, { ...used, atMs: performance.now() });
    };
    const files = join(this.folder, 'files', encodeURIComponent(plugin));
    for (const path of [files, await this.generations.profilesFolder(plugin)]) {
      const usage = await measureFolder(path, { bytes, entries }, signal);
      bytes -= usage.bytes;
      entries -= usage.entries;
      const problem = quotaProblem(usage.hidden, { bytes, entries }, limits);
      if (problem === undefined) continue;
      note();
      const failure = new BulkheadError(ErrorCodes.storageQuota, `the plugin "${plugin}" ${problem}`, {
        where: plugin,
        remedy: `Delete what it does not need in ${path}, then run: bulkhead plugin restart ${plugin}`,
      });
      this.overQuota.set(plugin, failure);
      return failure;
    }
    note();
    this.overQuota.delete(plugin);
    return undefined;
  }

  async usage(plugin: string, filesQuotaBytes: number): Promise<StorageUsage> {
    const of = async (texts: StoredTexts, quotaBytes: number) => ({
      bytes: await texts.usedBytes(),
      quotaBytes,
    });
    const { bytes, entries } = await this.filesUsage(plugin, {
      bytes: filesQuotaBytes,
      entries: MOST_ENTRIES,
    });
    return {
      state: await of(this.state(plugin), STATE_QUOTA_BYTES),
      profileState: await of(this.profileState(plugin), STATE_QUOTA_BYTES),
      secrets: await of(this.secrets(plugin), SECRETS_QUOTA_BYTES),
      files: { bytes, quotaBytes: filesQuotaBytes, entries, maxEntries: MOST_ENTRIES },
    };
  }

  /** As measured last; it is measured here, one plugin at a time, only where that was long ago. */
  private async filesUsage(plugin: string, limits: FolderLimits): Promise<FolderUsage> {
    if (!this.isMeasured(plugin)) {
      const measured = this.measuring.then(async () => {
        if (!this.isMeasured(plugin)) await this.checkQuota(plugin, limits);
      });
      this.measuring = measured.catch(() => {});
      await measured;
    }
    return this.measured.get(plugin) ?? { bytes: 0, entries: 0 };
  }

  protected isMeasured(plugin: string): boolean {
    const { atMs } = this.measured.get(plugin) ?? { atMs: Number.NEGATIVE_INFINITY };
    return performance.now() - atMs < MEASURED_FOR_MS;
  }

  /** Deletes all stored data of a plugin. It must not be running. */
  async purge(plugin: string): Promise<void> {
    const name = encodeURIComponent(plugin);
    await this.generations.purge(plugin);
    await this.forget(join(this.folder, 'secrets', `${name}.json`));
    this.overQuota.delete(plugin);
    this.measured.delete(plugin);
    for (const what of ['files', 'profiles']) await removeTree(join(this.folder, what, name));
  }

  /** Resolves when no write is pending. */
  async flush(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.flush()));
  }

  dispose(): void {
    this.profileEmitter.dispose();
    this.secretEmitter.dispose();
  }

  /** Deletes a file, or a folder with all files in it. */
  private async forget(path: string): Promise<void> {
    for (const [name, file] of this.files) {
      if (name !== path && !name.startsWith(path + sep)) continue;
      await file.flush();
      this.files.delete(name);
    }
    await removeTree(path);
  }

  private fileAt(
    path: string,
    name: string,
    plugin: string,
    quotaBytes: number,
    onDidChange?: (key: string) => void,
  ): TextFile {
    const existing = this.files.get(path);
    if (existing !== undefined) return existing;
    const file = this.createFile({
      name,
      path,
      quotaBytes,
      ...(onDidChange === undefined ? {} : { onDidChange }),
      // An upgrade is measured when the plugin runs again.
      refusal: () => (this.generations.isBegun(plugin) ? undefined : this.overQuota.get(plugin)),
      onDamage: (keptAs) => this.log.warn(`the ${name} was damaged; it is kept as ${keptAs}`, { plugin }),
    });
    this.files.set(path, file);
    return file;
  }

  /** Creates the storage of texts; the fake core of plugin tests keeps them in memory. */
  protected createFile(options: TextFileOptions): TextFile {
    return new TextFile(options);
  }
}

/** @param left What remains of the limits; negative if they are exceeded. */
function quotaProblem(
  hidden: string | undefined,
  left: FolderLimits,
  limits: FolderLimits,
): string | undefined {
  const mb = Math.round(limits.bytes / (1024 * 1024));
  if (left.bytes < 0) return `has stored more than the ${mb} MB that it may`;
  if (left.entries < 0) return `has stored more than the ${limits.entries} files and folders that it may`;
  return hidden === undefined ? undefined : `has stored what cannot be measured, in ${hidden}`;
}
