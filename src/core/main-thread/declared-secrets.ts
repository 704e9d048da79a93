import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import { Emitter, type Event } from '../../base/event.js';
import { secretSettings } from '../../plugins/declared-settings.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import type { SettingChange } from '../../plugins/settings.js';
import { PluginStorage } from './plugin-storage.js';

/** Which of the secrets that plugins declare are set; not what they are. */
@injectable()
export class DeclaredSecrets implements Disposable {
  private declared: ReadonlyMap<string, readonly string[]> = new Map();
  /** Those that are stored, as far as that has been read, by plugin. */
  private readonly stored = new Map<string, ReadonlySet<string>>();
  private readonly changeEmitter = new Emitter<readonly SettingChange[]>();
  /** Fires with those that are there now, and were not, or were others; with none where some are missing now. */
  readonly onDidChange: Event<readonly SettingChange[]> = this.changeEmitter.event;
  private readonly watching: DisposableStore;

  constructor(
    @inject(PluginStorage) private readonly storage: Pick<PluginStorage, 'secrets' | 'onDidChangeSecret'>,
  ) {
    this.watching = new DisposableStore([
      storage.onDidChangeSecret(({ plugin, key }) => {
        if (this.declared.get(plugin)?.includes(key) === true) void this.read(plugin, key);
      }),
    ]);
  }

  /** The plugins that there are. */
  follow(plugins: readonly InstalledPlugin[]): void {
    this.declared = new Map(
      plugins
        .map((plugin) => [plugin.id, secretSettings(plugin)] as const)
        .filter(([, keys]) => keys.length > 0),
    );
    for (const id of this.stored.keys()) if (!this.declared.has(id)) this.stored.delete(id);
    for (const id of this.declared.keys()) void this.read(id);
  }

  /** Those that are not set, as far as that is known. */
  missingOf(plugin: string): readonly string[] {
    const stored = this.stored.get(plugin);
    const declared = this.declared.get(plugin) ?? [];
    return stored === undefined ? [] : declared.filter((key) => !stored.has(key));
  }

  /** @param changed one that has another value */
  private async read(plugin: string, changed?: string): Promise<void> {
    let stored: ReadonlySet<string>;
    try {
      stored = new Set(await this.storage.secrets(plugin).keys());
    } catch {
      // Whoever needs one is told.
      return;
    }
    const before = this.stored.get(plugin) ?? new Set();
    const missing = this.missingOf(plugin).length;
    const declared = this.declared.get(plugin) ?? [];
    this.stored.set(plugin, stored);
    const there = declared.filter((key) => stored.has(key) && (key === changed || !before.has(key)));
    if (there.length > 0 || this.missingOf(plugin).length !== missing) {
      this.changeEmitter.fire(there.map((key) => ({ plugin, key })));
    }
  }

  dispose(): void {
    this.watching.dispose();
    this.changeEmitter.dispose();
  }
}
