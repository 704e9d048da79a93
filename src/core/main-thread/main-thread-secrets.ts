import * as z from 'zod';
import { GetSecretRequest, ListSecretsRequest, StoreSecretRequest } from '../../protocol/plugin-secrets.js';
import { type PluginStore, SECRETS_QUOTA_BYTES } from '../extension-hosts/store/plugin-store.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';

const Secret = FromPluginSchema.extend({ key: z.string().min(1).max(1000) });
const NewSecret = Secret.extend({
  value: z
    .string()
    .max(2 * SECRETS_QUOTA_BYTES)
    .nullable(),
});

/** Keeps the secrets of one host's plugins. Its pair there is `ExtHostSecrets`. */
export class MainThreadSecrets {
  constructor(channel: HostChannel, store: PluginStore) {
    channel.serve(
      GetSecretRequest.type,
      Secret,
      async ({ plugin, key }) => (await store.secrets(plugin).get(key)) ?? null,
    );
    channel.serve(StoreSecretRequest.type, NewSecret, async ({ plugin, key, value }) => {
      await store.secrets(plugin).set(key, value);
      return null;
    });
    channel.serve(ListSecretsRequest.type, FromPluginSchema, ({ plugin }) => store.secrets(plugin).keys());
  }
}
