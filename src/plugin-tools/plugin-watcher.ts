import { relative, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Disposable } from 'vscode-jsonrpc';

/** A compiler writes several files; the plugin is reloaded after a pause of this length, ms. */
const PAUSE_MS = 50;

/** Folders that are not the plugin's own source, and can be large. */
const IGNORED = /(^|[\\/])(node_modules|\.[^\\/]+|coverage)([\\/]|$)/;

/** Watches a plugin's folder for saved files. */
export class PluginWatcher implements Disposable {
  private readonly watcher: FSWatcher;
  private timer: NodeJS.Timeout | undefined;
  /** Resolves when all later changes will be seen. */
  readonly ready: Promise<void>;

  /** @param onSave Called once for several changes, with one of the files, relative to the folder. */
  constructor(folder: string, onSave: (file: string) => void) {
    this.watcher = watch(folder, {
      ignoreInitial: true,
      ignored: (path) => IGNORED.test(relative(folder, path).replaceAll(sep, '/')),
    });
    this.ready = new Promise((resolve) => this.watcher.once('ready', resolve));
    this.watcher.on('all', (_event, path) => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => onSave(relative(folder, path)), PAUSE_MS);
    });
    // Files that cannot be watched do not cause a reload; others do.
    this.watcher.on('error', () => {});
  }

  dispose(): void {
    clearTimeout(this.timer);
    void this.watcher.close();
  }
}
