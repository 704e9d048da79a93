import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import * as z from '../../base/zod.js';
import { PluginSettingSchema } from '../../config/schema.js';
import { secretSettings } from '../../plugins/declared-settings.js';
import { Settings } from '../../plugins/settings.js';
import { boundedTree } from '../../protocol/bounded.js';
import { PluginSettingsNotification, UpdateSettingRequest } from '../../protocol/plugin-configuration.js';
import { CallRates } from './call-rates.js';
import { FromPluginSchema } from './host-channel.js';
import { LiveSettings } from './live-settings.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';

/** Texts in a list, and what else is in the message. */
const MOST_VALUES = 1010;
const Update = boundedTree(
  FromPluginSchema.extend({ key: z.string().max(100), value: PluginSettingSchema.nullable() }),
  MOST_VALUES,
);

/** Sends hosts the settings of their plugins, and takes the plugins' changes. Its pair in the host is `ExtHostConfiguration`. */
@injectable()
export class MainThreadConfiguration implements MainThreadNamespace {
  constructor(
    @inject(Settings) private readonly settings: Settings,
    @inject(LiveSettings) private readonly live: LiveSettings,
  ) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const ids = plugins.map(({ id }) => id);
    const rates = new CallRates();
    const send = () =>
      channel.sendNotification(PluginSettingsNotification.type, {
        settings: Object.fromEntries(ids.map((id) => [id, this.settings.of(id)])),
        origins: Object.fromEntries(ids.map((id) => [id, this.live.originsOf(id)])),
        secrets: Object.fromEntries(plugins.map((plugin) => [plugin.id, secretSettings(plugin)])),
      });
    channel.serve(UpdateSettingRequest.type, Update, async ({ plugin, key, value }) => {
      rates.change(plugin);
      await this.live.set({ plugin, key, value });
      return null;
    });
    send();
    return new DisposableStore([
      this.settings.onDidChange((changes) => {
        if (changes.some(({ plugin }) => ids.includes(plugin))) send();
      }),
      // The values are the same: where they come from may not be.
      this.live.onDidChange((changes) => {
        if (changes.length === 0) send();
      }),
    ]);
  }
}
