import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import * as z from '../../base/zod.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { OpenStatusItemRequest, StatusItemNotification } from '../../protocol/plugin-status-items.js';
import { StatusItems } from '../streamer/status-items.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { oneLine } from './plugin-text.js';

/** Longest text shown, characters. */
const MAX_TEXT = 200;

const Item = FromPluginSchema.extend({ id: z.string().max(200) });
const Text = Item.extend({ text: oneLine(MAX_TEXT) });

/** Receives plugins' status items. Its pair in the host is `ExtHostStatusItems`. */
@injectable()
export class MainThreadStatusItems implements MainThreadNamespace {
  constructor(@inject(StatusItems) private readonly items: StatusItems) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const declares = (plugin: string, id: string): boolean => {
      const contributes = plugins.find((candidate) => candidate.id === plugin)?.contributes;
      return contributes?.statusItems.some((item) => item.id === id) ?? false;
    };
    channel.serve(OpenStatusItemRequest.type, Item, ({ plugin, id }) => {
      if (declares(plugin, id)) return null;
      throw new BulkheadError(ErrorCodes.pluginInvalid, `the plugin "${plugin}" has no status item "${id}"`, {
        where: plugin,
        remedy: 'Declare it in contributes.statusItems of its package.json.',
      });
    });
    const showing = channel.receive(StatusItemNotification.type, Text, ({ plugin, id, text }) => {
      if (declares(plugin, id)) this.items.show(plugin, id, text);
    });
    return {
      dispose: () => {
        showing.dispose();
        for (const { id } of plugins) this.items.clear(id);
      },
    };
  }
}
