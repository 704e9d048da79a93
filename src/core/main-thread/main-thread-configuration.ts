import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Settings } from '../../plugins/settings.js';
import { PluginSettingsNotification } from '../../protocol/plugin-configuration.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';

/** Sends hosts the settings of their plugins. Its pair in the host is `ExtHostConfiguration`. */
@injectable()
export class MainThreadConfiguration implements MainThreadNamespace {
  constructor(@inject(Settings) private readonly settings: Settings) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const ids = plugins.map(({ id }) => id);
    const send = () =>
      channel.sendNotification(PluginSettingsNotification.type, {
        settings: Object.fromEntries(ids.map((id) => [id, this.settings.of(id)])),
      });
    send();
    return this.settings.onDidChange((changes) => {
      if (changes.some(({ plugin }) => ids.includes(plugin))) send();
    });
  }
}
