import { injectable } from 'inversify';
import { printable } from '../../base/printable.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import type { PluginStatusItem } from '../../protocol/control.js';

/** The texts that plugins show in the status, in items that their manifests declare. */
@injectable()
export class StatusItems {
  private readonly texts = new Map<string, Map<string, string>>();

  /** Shows a text in one of a plugin's items; an empty one shows nothing. */
  show(plugin: string, id: string, text: string): void {
    const own = this.texts.get(plugin) ?? new Map<string, string>();
    this.texts.set(plugin, own.set(id, text));
  }

  /** What a plugin showed is gone with its host. */
  clear(plugin: string): void {
    this.texts.delete(plugin);
  }

  /** Those of these plugins that have a text, in the order in which they are declared. */
  of(plugins: readonly Pick<InstalledPlugin, 'id' | 'contributes'>[]): PluginStatusItem[] {
    return plugins.flatMap(({ id: plugin, contributes }) =>
      contributes.statusItems.flatMap(({ id, name }) => {
        const text = this.texts.get(plugin)?.get(id) ?? '';
        return text === '' ? [] : [{ plugin, id, name: printable(name), text }];
      }),
    );
  }
}
