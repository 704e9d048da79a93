import * as z from 'zod';
import { GetSecretRequest, ListSecretsRequest, StoreSecretRequest } from '../../protocol/plugin-secrets.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { type PluginStore, SECRETS_QUOTA_BYTES } from '../plugin-store/plugin-store.js';
import { FromPluginSchema, type HostIdentity } from './host-identity.js';

const Secret = FromPluginSchema.extend({ key: z.string().min(1).max(1000) });
const NewSecret = Secret.extend({
  value: z
    .string()
    .max(2 * SECRETS_QUOTA_BYTES)
    .nullable(),
});

/** Keeps the secrets of one host's plugins. Its pair there is `ExtHostSecrets`. */
export class MainThreadSecrets {
  constructor(connection: RpcConnection, identity: HostIdentity, store: PluginStore) {
    connection.onRequest(GetSecretRequest.type, async (params) => {
      const { plugin, key } = identity.check(Secret, params);
      return (await store.secrets(plugin).get(key)) ?? null;
    });
    connection.onRequest(StoreSecretRequest.type, async (params) => {
      const { plugin, key, value } = identity.check(NewSecret, params);
      await store.secrets(plugin).set(key, value);
      return null;
    });
    connection.onRequest(ListSecretsRequest.type, (params) =>
      store.secrets(identity.check(FromPluginSchema, params).plugin).keys(),
    );
  }
}
