import { relative, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Disposable } from 'vscode-jsonrpc';

/** A compiler writes several files; the plugin is reloaded when it has paused for this long, ms. */
const PAUSE_MS = 50;

/** What is no part of a plugin's own work, and can be large. */
const IGNORED = /(^|[\\/])(node_modules|\.[^\\/]+|coverage)([\\/]|$)/;

/** Watches a plugin's folder for what its author saves. */
export class PluginWatcher implements Disposable {
  private readonly watcher: FSWatcher;
  private timer: NodeJS.Timeout | undefined;
  /** Resolves when every change from then on is seen. */
  readonly ready: Promise<void>;

  /** @param onSave Told once for all that is saved together, with one of the files, relative to the folder. */
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
    // What cannot be watched is not reloaded; the rest is.
    this.watcher.on('error', () => {});
  }

  dispose(): void {
    clearTimeout(this.timer);
    void this.watcher.close();
  }
}
