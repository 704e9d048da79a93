import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import * as z from '../../base/zod.js';
import {
  GetSecretRequest,
  ListSecretsRequest,
  SecretChangedNotification,
  StoreSecretRequest,
} from '../../protocol/plugin-secrets.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { PluginStorage, SECRETS_QUOTA_BYTES } from './plugin-storage.js';

const Secret = FromPluginSchema.extend({ key: z.string().min(1).max(1000) });
const NewSecret = Secret.extend({
  value: z
    .string()
    .max(2 * SECRETS_QUOTA_BYTES)
    .nullable(),
});

/** Stores plugins' secrets. Its pair in the host is `ExtHostSecrets`. */
@injectable()
export class MainThreadSecrets implements MainThreadNamespace {
  constructor(@inject(PluginStorage) private readonly storage: PluginStorage) {}

  serve({ channel, plugins }: ServedHost): Disposable {
    const secrets = (plugin: string) => this.storage.secrets(plugin);
    const handlers = new DisposableStore();
    handlers.add(
      channel.serve(
        GetSecretRequest.type,
        Secret,
        async ({ plugin, key }) => (await secrets(plugin).get(key)) ?? null,
      ),
    );
    handlers.add(
      channel.serve(StoreSecretRequest.type, NewSecret, async ({ plugin, key, value }) => {
        await secrets(plugin).set(key, value);
        return null;
      }),
    );
    handlers.add(
      channel.serve(ListSecretsRequest.type, FromPluginSchema, ({ plugin }) => secrets(plugin).keys()),
    );
    handlers.add(
      this.storage.onDidChangeSecret((change) => {
        if (plugins.some(({ id }) => id === change.plugin))
          channel.sendNotification(SecretChangedNotification.type, change);
      }),
    );
    return handlers;
  }
}
