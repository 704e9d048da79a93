import * as z from 'zod';
import { printable } from '../../base/printable.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import type { PluginStatusItem } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { OpenStatusItemRequest, StatusItemNotification } from '../../protocol/plugin-status-items.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import { oneLine } from './plugin-text.js';

/** Longest text shown, characters. */
const MAX_TEXT = 200;

const Item = FromPluginSchema.extend({ id: z.string().max(200) });
const Text = Item.extend({ text: oneLine(MAX_TEXT) });

/** Keeps what one host's plugins show in the status. Its pair there is `ExtHostStatusItems`. */
export class MainThreadStatusItems {
  private readonly texts = new Map<string, Map<string, string>>();

  constructor(
    channel: HostChannel,
    private readonly plugins: readonly InstalledPlugin[],
  ) {
    channel.serve(OpenStatusItemRequest.type, Item, ({ plugin, id }) => {
      if (this.declares(plugin, id)) return null;
      throw new BulkheadError(ErrorCodes.pluginInvalid, `the plugin "${plugin}" has no status item "${id}"`, {
        where: plugin,
        remedy: 'Declare it in contributes.statusItems of its package.json.',
      });
    });
    channel.receive(StatusItemNotification.type, Text, ({ plugin, id, text }) => {
      if (!this.declares(plugin, id)) return;
      const own = this.texts.get(plugin) ?? new Map<string, string>();
      this.texts.set(plugin, own.set(id, text));
    });
  }

  /** Those that have a text, in the order in which they are declared. */
  list(): PluginStatusItem[] {
    return this.plugins.flatMap(({ id: plugin, contributes }) =>
      contributes.statusItems.flatMap(({ id, name }) => {
        const text = this.texts.get(plugin)?.get(id) ?? '';
        return text === '' ? [] : [{ plugin, id, name: printable(name), text }];
      }),
    );
  }

  private declares(plugin: string, id: string): boolean {
    const contributes = this.plugins.find((candidate) => candidate.id === plugin)?.contributes;
    return contributes?.statusItems.some((item) => item.id === id) ?? false;
  }
}
