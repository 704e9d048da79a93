import { lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import envPaths from 'env-paths';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../../base/event.js';
import { withDeadline } from '../../../base/with-deadline.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type { Log } from '../../log/log.js';
import {
  type PluginStorage,
  SECRETS_QUOTA_BYTES,
  STATE_QUOTA_BYTES,
} from '../../main-thread/plugin-storage.js';
import { type FolderLimits, measureFolder } from './measure-folder.js';
import { removeTree } from './remove-tree.js';
import { TextFile, type TextFileOptions } from './text-file.js';

const FOLDER_DEADLINE_MS = 5000;

/** Where it is kept for this user. */
export function defaultStoreFolder(): string {
  return join(envPaths('bulkhead', { suffix: '' }).data, 'plugins');
}

/** What plugins have stored on this machine: each has a file for its state, one for its secrets, and a folder to write. */
export class PluginStore implements PluginStorage, Disposable {
  private readonly files = new Map<string, TextFile>();
  /** Those over their quota, by their plugins. */
  private readonly overQuota = new Map<string, BulkheadError>();
  private currentProfile = 'default';
  private readonly profileEmitter = new Emitter<string>();
  /** Fires with the new one; `profileState` is its already. */
  readonly onDidChangeProfile: Event<string> = this.profileEmitter.event;

  private filesRoot: string;
  private making: Promise<unknown> = Promise.resolve();

  /** @param folder Made when something is stored for the first time. */
  constructor(
    private readonly folder: string,
    private readonly log: Pick<Log, 'warn'>,
  ) {
    this.filesRoot = join(folder, 'files');
  }

  state(plugin: string): TextFile {
    return this.file('state', plugin, STATE_QUOTA_BYTES);
  }

  /** What the plugin remembers for the present profile alone. */
  profileState(plugin: string): TextFile {
    return this.fileAt(
      join(this.folder, 'profile-state', encodeURIComponent(plugin), `${this.currentProfile}.json`),
      `state of the plugin "${plugin}" for the profile "${this.currentProfile}"`,
      plugin,
      STATE_QUOTA_BYTES,
    );
  }

  /** The streamer's kind of broadcast; from its configuration, where it is fit for a file's name. */
  get profile(): string {
    return this.currentProfile;
  }

  useProfile(profile: string): void {
    if (profile === this.currentProfile) return;
    this.currentProfile = profile;
    this.profileEmitter.fire(profile);
  }

  secrets(plugin: string): TextFile {
    return this.file('secrets', plugin, SECRETS_QUOTA_BYTES);
  }

  /** The folder that a plugin may write by itself, links resolved once {@link makeFilesFolder} has made it. */
  filesFolder(plugin: string): string {
    return join(this.filesRoot, encodeURIComponent(plugin));
  }

  /**
   * Makes the folder that a plugin may write, where it is not there. Where that fails, or takes more than 5 s, the log says why,
   * and the plugin finds none. Never rejects.
   *
   * @returns it, links resolved
   */
  async makeFilesFolder(plugin: string): Promise<string> {
    // One after the other: a disk that hangs keeps one of libuv's threads, however many plugins there are.
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
    // A link in its place was put there by the plugin, to be granted what it leads to.
    if ((await lstat(path)).isSymbolicLink()) {
      await rm(path);
      await mkdir(path, { mode: 0o700 });
    }
    this.filesRoot = await realpath(root);
  }

  /** Where CPU profiles of the plugin are kept; it is made with the first one. */
  profilesFolder(plugin: string): string {
    return join(this.folder, 'profiles', encodeURIComponent(plugin));
  }

  /** The folders that the plugin's host is launched with, as they are at its launch. */
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
   * Measures what the plugin has stored: its own folder, and what it remembers for profiles. While that is over the limits, it
   * can store nothing more by the API either.
   *
   * @returns `storage.quota` where it is over.
   * @throws where it cannot be measured
   */
  async checkQuota(
    plugin: string,
    limits: FolderLimits,
    signal?: AbortSignal,
  ): Promise<BulkheadError | undefined> {
    const name = encodeURIComponent(plugin);
    let { bytes, entries } = limits;
    for (const path of [join(this.folder, 'files', name), join(this.folder, 'profile-state', name)]) {
      const usage = await measureFolder(path, { bytes, entries }, signal);
      bytes -= usage.bytes;
      entries -= usage.entries;
      const problem = quotaProblem(usage.hidden, { bytes, entries }, limits);
      if (problem === undefined) continue;
      const failure = new BulkheadError(ErrorCodes.storageQuota, `the plugin "${plugin}" ${problem}`, {
        where: plugin,
        remedy: `Delete what it does not need in ${path}, then run: bulkhead plugin restart ${plugin}`,
      });
      this.overQuota.set(plugin, failure);
      return failure;
    }
    this.overQuota.delete(plugin);
    return undefined;
  }

  /** Deletes all that a plugin has stored. It must not be running. */
  async purge(plugin: string): Promise<void> {
    const name = encodeURIComponent(plugin);
    for (const what of ['state', 'secrets']) {
      await this.forget(join(this.folder, what, `${name}.json`));
    }
    for (const path of this.files.keys()) {
      if (path.startsWith(join(this.folder, 'profile-state', name) + sep)) await this.forget(path);
    }
    this.overQuota.delete(plugin);
    for (const what of ['files', 'profiles', 'profile-state']) {
      await removeTree(join(this.folder, what, name));
    }
  }

  /** Resolves when nothing is being written any more. */
  async flush(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.flush()));
  }

  dispose(): void {
    this.profileEmitter.dispose();
  }

  private async forget(path: string): Promise<void> {
    await this.files.get(path)?.flush();
    this.files.delete(path);
    await rm(path, { force: true });
  }

  private file(what: 'state' | 'secrets', plugin: string, quotaBytes: number): TextFile {
    const path = join(this.folder, what, `${encodeURIComponent(plugin)}.json`);
    return this.fileAt(path, `${what} of the plugin "${plugin}"`, plugin, quotaBytes);
  }

  private fileAt(path: string, name: string, plugin: string, quotaBytes: number): TextFile {
    const existing = this.files.get(path);
    if (existing !== undefined) return existing;
    const file = this.createFile({
      name,
      path,
      quotaBytes,
      refusal: () => this.overQuota.get(plugin),
      onDamage: (keptAs) => this.log.warn(`the ${name} was damaged; it is kept as ${keptAs}`, { plugin }),
    });
    this.files.set(path, file);
    return file;
  }

  /** Where texts are kept; the fake core of plugin tests keeps them in memory. */
  protected createFile(options: TextFileOptions): TextFile {
    return new TextFile(options);
  }
}

/** @param left What is left of the limits; less than nothing where they are passed. */
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
