import type { SecretStorage } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter } from '../base/event.js';
import {
  GetSecretRequest,
  ListSecretsRequest,
  SecretChangedNotification,
  StoreSecretRequest,
} from '../protocol/plugin-secrets.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** The secrets of this host's plugins, which stay in the core until they are read. Its pair there is `MainThreadSecrets`. */
export class ExtHostSecrets implements Disposable {
  private readonly changeEmitter = new Emitter<{ readonly plugin: string; readonly key: string }>();

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(SecretChangedNotification.type, (change) => this.changeEmitter.fire(change));
  }

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
      onDidChange: scope.event('secrets.onDidChange', (listener) =>
        this.changeEmitter.event((change) => {
          if (change.plugin === plugin) listener(Object.freeze({ key: change.key }));
        }),
      ),
    });
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}
