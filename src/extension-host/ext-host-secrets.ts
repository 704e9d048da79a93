import type { SecretStorage } from '@bulkhead/extension-api';
import { GetSecretRequest, ListSecretsRequest, StoreSecretRequest } from '../protocol/plugin-secrets.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** The secrets of this host's plugins, which stay in the core until they are read. Its pair there is `MainThreadSecrets`. */
export class ExtHostSecrets {
  constructor(private readonly connection: RpcConnection) {}

  createStorage(scope: PluginScope): SecretStorage {
    const plugin = scope.id;
    const set = async (key: string, value: string | null) => {
      scope.checkActive();
      await this.connection.sendRequest(StoreSecretRequest.type, { plugin, key, value });
    };
    return Object.freeze<SecretStorage>({
      get: async (key) => {
        scope.checkActive();
        return (await this.connection.sendRequest(GetSecretRequest.type, { plugin, key })) ?? undefined;
      },
      store: async (key, value) => {
        if (typeof value !== 'string') throw new TypeError('a secret is text');
        await set(key, value);
      },
      delete: (key) => set(key, null),
      keys: () => {
        scope.checkActive();
        return this.connection.sendRequest(ListSecretsRequest.type, { plugin });
      },
    });
  }
}
