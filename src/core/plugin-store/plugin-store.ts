import { lstatSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';
import type { Log } from '../log/log.js';
import { TextFile } from './text-file.js';

export const STATE_QUOTA_BYTES = 1024 * 1024;
export const SECRETS_QUOTA_BYTES = 64 * 1024;

/** Where it is kept for this user. */
export function defaultStoreFolder(): string {
  return join(envPaths('bulkhead', { suffix: '' }).data, 'plugins');
}

/** What plugins have stored on this machine: each has a file for its state, one for its secrets, and a folder to write. */
export class PluginStore {
  private readonly files = new Map<string, TextFile>();

  /** @param folder Made when something is stored for the first time. */
  constructor(
    private readonly folder: string,
    private readonly log: Pick<Log, 'warn'>,
  ) {}

  state(plugin: string): TextFile {
    return this.file('state', plugin, STATE_QUOTA_BYTES);
  }

  secrets(plugin: string): TextFile {
    return this.file('secrets', plugin, SECRETS_QUOTA_BYTES);
  }

  /**
   * The folder that a plugin may write by itself, links resolved. It is made if it is not there; where that fails the log
   * says why, and the plugin finds none.
   */
  filesFolder(plugin: string): string {
    const folders = join(this.folder, 'files');
    const path = join(folders, encodeURIComponent(plugin));
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      // A link in its place was put there by the plugin, to be granted what it leads to.
      if (lstatSync(path).isSymbolicLink()) {
        rmSync(path);
        mkdirSync(path, { mode: 0o700 });
      }
      return join(realpathSync(folders), encodeURIComponent(plugin));
    } catch (error) {
      this.log.warn(`the folder of the plugin "${plugin}" cannot be made: ${(error as Error).message}`, {
        plugin,
      });
      return path;
    }
  }

  /** Where CPU profiles of the plugin are kept; it is made with the first one. */
  profilesFolder(plugin: string): string {
    return join(this.folder, 'profiles', encodeURIComponent(plugin));
  }

  /** The folders that the plugin's host is launched with. */
  foldersOf(plugin: string): { readonly storage: string; readonly profiles: string } {
    return { storage: this.filesFolder(plugin), profiles: this.profilesFolder(plugin) };
  }

  /** Deletes all that a plugin has stored. It must not be running. */
  async purge(plugin: string): Promise<void> {
    const name = encodeURIComponent(plugin);
    for (const what of ['state', 'secrets']) {
      const path = join(this.folder, what, `${name}.json`);
      await this.files.get(path)?.flush();
      this.files.delete(path);
      rmSync(path, { force: true });
    }
    for (const what of ['files', 'profiles']) {
      rmSync(join(this.folder, what, name), { recursive: true, force: true });
    }
  }

  /** Resolves when nothing is being written any more. */
  async flush(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.flush()));
  }

  private file(what: 'state' | 'secrets', plugin: string, quotaBytes: number): TextFile {
    const path = join(this.folder, what, `${encodeURIComponent(plugin)}.json`);
    const existing = this.files.get(path);
    if (existing !== undefined) return existing;
    const name = `${what} of the plugin "${plugin}"`;
    const file = new TextFile({
      name,
      path,
      quotaBytes,
      onDamage: (keptAs) => this.log.warn(`the ${name} was damaged; it is kept as ${keptAs}`, { plugin }),
    });
    this.files.set(path, file);
    return file;
  }
}
