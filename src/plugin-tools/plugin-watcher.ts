import { statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Disposable } from 'vscode-jsonrpc';

/** A compiler writes several files; the plugin is reloaded after a pause of this length, ms. */
const PAUSE_MS = 30;

/** How often it looks whether the folder is still the same one, ms. */
const LOOK_MS = 500;

/** Folders that are not the plugin's own source, and can be large. */
const IGNORED = /(^|[\\/])(node_modules|\.[^\\/]+|coverage)([\\/]|$)/;

/** What a compiler reads: what it writes is loaded, and a reload before that would run the former code once more. */
const COMPILED = /\.[cm]?tsx?$/;

/** Watches a plugin's folder for saved files, also when it is moved away and comes back, or another one takes its place. */
export class PluginWatcher implements Disposable {
  private watcher: FSWatcher;
  private identity: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly looking: NodeJS.Timeout;
  /** Resolves when all later changes will be seen. */
  readonly ready: Promise<void>;

  /** @param onSave Called once for several changes, with one of the files, relative to the folder. */
  constructor(
    private readonly folder: string,
    private readonly onSave: (file: string) => void,
  ) {
    this.identity = identityOf(folder);
    this.watcher = this.watch();
    this.ready = new Promise((done) => this.watcher.once('ready', done));
    this.looking = setInterval(() => this.look(), LOOK_MS);
  }

  private watch(): FSWatcher {
    const { folder } = this;
    const watcher = watch(folder, {
      ignoreInitial: true,
      ignored: (path) => IGNORED.test(relative(folder, path).replaceAll(sep, '/')),
    });
    watcher.on('all', (event, path) => {
      // From here on this watcher hears nothing, even if the folder is back before the next look.
      if (event === 'unlinkDir' && resolve(path) === resolve(folder)) this.identity = undefined;
      if (!COMPILED.test(path)) this.changed(relative(folder, path));
    });
    // Files that cannot be watched do not cause a reload; others do.
    watcher.on('error', () => {});
    return watcher;
  }

  /** A watcher belongs to the folder that it was made for, wherever that is moved. */
  private look(): void {
    const identity = identityOf(this.folder);
    if (identity === this.identity) return;
    this.identity = identity;
    if (identity === undefined) return;
    void this.watcher.close();
    this.watcher = this.watch();
    this.watcher.once('ready', () => this.changed(''));
  }

  private changed(file: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.onSave(file), PAUSE_MS);
  }

  dispose(): void {
    clearInterval(this.looking);
    clearTimeout(this.timer);
    void this.watcher.close();
  }
}

/** Tells one folder from another at the same path; undefined if there is none. */
function identityOf(folder: string): string | undefined {
  const stats = statSync(folder, { bigint: true, throwIfNoEntry: false });
  return stats?.isDirectory() === true ? `${stats.dev} ${stats.ino}` : undefined;
}
