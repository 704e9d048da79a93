import { injectable } from 'inversify';
import { printable } from '../../base/printable.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import type { PluginStatusItem } from '../../protocol/status/extension-host-status.js';

/** Texts that plugins show in the status, in items declared in their manifests. */
@injectable()
export class StatusItems {
  private readonly texts = new Map<string, Map<string, string>>();

  /** Shows a text in one of a plugin's items; an empty text hides it. */
  show(plugin: string, id: string, text: string): void {
    const own = this.texts.get(plugin) ?? new Map<string, string>();
    this.texts.set(plugin, own.set(id, text));
  }

  /** Removes a plugin's texts when its host has ended. */
  clear(plugin: string): void {
    this.texts.delete(plugin);
  }

  /** The items of these plugins that have a text, in the order of declaration. */
  of(plugins: readonly Pick<InstalledPlugin, 'id' | 'contributes'>[]): PluginStatusItem[] {
    return plugins.flatMap(({ id: plugin, contributes }) =>
      contributes.statusItems.flatMap(({ id, name }) => {
        const text = this.texts.get(plugin)?.get(id) ?? '';
        return text === '' ? [] : [{ plugin, id, name: printable(name), text }];
      }),
    );
  }
}
