import { setTimeout as delay } from 'node:timers/promises';
import { inject, injectable, optional } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { Log } from '../../log/log.js';
import { MOST_ENTRIES } from '../../main-thread/plugin-storage.js';
import { PluginStore } from '../store/plugin-store.js';
import { ExtensionHosts } from './extension-hosts.js';

const MB = 1024 * 1024;

export const StorageLimits = Symbol('StorageLimits');

export interface StorageLimits {
  /** Maximum number of files and folders of one plugin. */
  readonly maxEntries: number;
  /** Interval between two checks, ms. */
  readonly intervalMs: number;
}

const DEFAULT_LIMITS: StorageLimits = { maxEntries: MOST_ENTRIES, intervalMs: 2000 };

/**
 * Measures the stored data of running plugins, one plugin after the other, and stops those over their quota. A plugin
 * writes to its folder directly, so its quota can only be enforced by measuring.
 */
@injectable()
export class StorageWatch implements Disposable {
  private readonly abortion = new AbortController();
  private readonly failing = new Set<string>();

  constructor(
    @inject(PluginStore) private readonly store: Pick<PluginStore, 'checkQuota'>,
    @inject(ExtensionHosts) private readonly hosts: Pick<ExtensionHosts, 'running' | 'giveUp'>,
    @inject(Log) private readonly log: Pick<Log, 'warn'>,
    @inject(StorageLimits) @optional() private readonly limits: StorageLimits = DEFAULT_LIMITS,
  ) {
    void this.run();
  }

  dispose(): void {
    this.abortion.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.abortion;
    while (!signal.aborted) {
      await delay(this.limits.intervalMs, undefined, { ref: false, signal }).catch(() => {});
      for (const plugin of this.hosts.running) {
        if (!signal.aborted) await this.look(plugin);
      }
    }
  }

  private async look({ id, storageMb }: Pick<InstalledPlugin, 'id' | 'storageMb'>): Promise<void> {
    try {
      const limits = { bytes: storageMb * MB, entries: this.limits.maxEntries };
      const failure = await this.store.checkQuota(id, limits, this.abortion.signal);
      this.failing.delete(id);
      if (failure !== undefined) this.hosts.giveUp(id, failure);
    } catch (error) {
      if (this.abortion.signal.aborted || this.failing.has(id)) return;
      this.failing.add(id);
      const { message } = BulkheadError.from(error, ErrorCodes.storageFailed);
      this.log.warn(`what the plugin "${id}" stores cannot be measured: ${message}`, { plugin: id });
    }
  }
}
