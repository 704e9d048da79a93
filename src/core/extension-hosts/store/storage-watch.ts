import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from 'vscode-jsonrpc';
import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type { Log } from '../../log/log.js';
import type { PluginStore } from './plugin-store.js';

/** Time between two looks at what plugins have stored, ms. */
const INTERVAL_MS = 2000;
/** Files and folders that one plugin may keep: as many as can be counted in less than a minute. */
const MAX_ENTRIES = 20_000;
const MB = 1024 * 1024;

export interface StorageWatchOptions {
  readonly store: PluginStore;
  /** Those that run now. */
  readonly plugins: () => readonly Pick<InstalledPlugin, 'id' | 'storageMb'>[];
  /** A plugin has stored more than it may; `failure` says so by name. */
  readonly onOver: (id: string, failure: BulkheadError) => void;
  readonly log: Pick<Log, 'warn'>;
  /** Most files and folders of one plugin. */
  readonly maxEntries?: number;
  readonly intervalMs?: number;
}

/**
 * Looks at what the plugins that run have stored, one plugin after the other, and reports those over their quota. A plugin
 * writes its folder by itself: nothing but looking holds it to a quota.
 */
export class StorageWatch implements Disposable {
  private readonly abortion = new AbortController();
  private readonly failing = new Set<string>();

  constructor(private readonly options: StorageWatchOptions) {
    void this.run();
  }

  dispose(): void {
    this.abortion.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.abortion;
    const { plugins, intervalMs = INTERVAL_MS } = this.options;
    while (!signal.aborted) {
      await delay(intervalMs, undefined, { ref: false, signal }).catch(() => {});
      for (const plugin of plugins()) {
        if (!signal.aborted) await this.look(plugin);
      }
    }
  }

  private async look({ id, storageMb }: Pick<InstalledPlugin, 'id' | 'storageMb'>): Promise<void> {
    const { store, onOver, log, maxEntries = MAX_ENTRIES } = this.options;
    try {
      const limits = { bytes: storageMb * MB, entries: maxEntries };
      const failure = await store.checkQuota(id, limits, this.abortion.signal);
      this.failing.delete(id);
      if (failure !== undefined) onOver(id, failure);
    } catch (error) {
      if (this.abortion.signal.aborted || this.failing.has(id)) return;
      this.failing.add(id);
      const { message } = BulkheadError.from(error, ErrorCodes.storageFailed);
      log.warn(`what the plugin "${id}" stores cannot be measured: ${message}`, { plugin: id });
    }
  }
}
