import { realpathSync, unwatchFile, watch, watchFile } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';

/** Editors write a file in several steps, ms. */
const PAUSE_MS = 40;
/** How often the file is looked at where its folder reports no changes, as on network disks, ms. */
const LOOK_EVERY_MS = 1000;

/** Watches one file, also if each save replaces it by another one of the name, and if the path is a link. */
export class FileWatch implements Disposable {
  private readonly watching = new DisposableStore();
  private timer: NodeJS.Timeout | undefined;

  /** @param onDidSave the file may have changed, or be gone: called once for several changes */
  constructor(
    path: string,
    private readonly onDidSave: () => void,
  ) {
    for (const watched of new Set([path, realpathSync(path)])) this.watchFolderOf(watched);
    const look = () => this.changed();
    watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, look);
    this.watching.add({ dispose: () => unwatchFile(path, look) });
  }

  /** The folder, since the file itself is another one after a save. */
  private watchFolderOf(path: string): void {
    const name = basename(path);
    try {
      const watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
        // Not all systems name it.
        if (changed === null || changed === name) this.changed();
      });
      watcher.on('error', () => watcher.close());
      this.watching.add({ dispose: () => watcher.close() });
    } catch {
      // For want of descriptors, for example: it is looked at all the same.
    }
  }

  private changed(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.onDidSave, PAUSE_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watching.dispose();
  }
}
