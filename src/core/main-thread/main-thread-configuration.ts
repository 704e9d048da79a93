import type { Disposable } from 'vscode-jsonrpc';
import type { Settings } from '../../plugins/settings.js';
import { PluginSettingsNotification } from '../../protocol/plugin-configuration.js';
import type { HostChannel } from './host-channel.js';

/** Tells one host the settings of its plugins. Its pair there is `ExtHostConfiguration`. */
export class MainThreadConfiguration implements Disposable {
  private readonly subscription: Disposable;

  constructor(channel: HostChannel, plugins: readonly string[], settings: Settings) {
    const send = () =>
      channel.sendNotification(PluginSettingsNotification.type, {
        settings: Object.fromEntries(plugins.map((id) => [id, settings.of(id)])),
      });
    send();
    this.subscription = settings.onDidChange((changes) => {
      if (changes.some(({ plugin }) => plugins.includes(plugin))) send();
    });
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
