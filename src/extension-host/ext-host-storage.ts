import type { Memento } from '@bulkhead/extension-api';
import { ReadStateRequest, UpdateStateRequest } from '../protocol/plugin-storage.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** The `globalState` of this host's plugins. Its pair in the core is `MainThreadStorage`. */
export class ExtHostStorage {
  constructor(private readonly connection: RpcConnection) {}

  /** A memento that is empty until `load` has resolved. */
  createMemento(scope: PluginScope): { readonly memento: Memento; load(): Promise<void> } {
    const plugin = scope.id;
    const texts = new Map<string, string>();
    const stored = new Map<string, string>();
    const load = async () => {
      const read = await this.connection.sendRequest(ReadStateRequest.type, { plugin });
      for (const [key, text] of Object.entries(read)) {
        put(texts, key, text);
        put(stored, key, text);
      }
    };
    const update = async (key: string, value: unknown) => {
      scope.checkActive();
      // Undefined for what JSON does not know, a function for example.
      const text = JSON.stringify(value) as string | undefined;
      put(texts, key, text);
      try {
        await this.connection.sendRequest(UpdateStateRequest.type, { plugin, key, value: text ?? null });
        put(stored, key, text);
      } catch (error) {
        // Unless the plugin has set it anew meanwhile.
        if (texts.get(key) === text) put(texts, key, stored.get(key));
        throw error;
      }
    };
    const memento: Memento = {
      keys: () => [...texts.keys()],
      get: <T>(key: string, defaultValue?: T) => {
        const text = texts.get(key);
        return text === undefined ? defaultValue : (JSON.parse(text) as T);
      },
      update,
    };
    return { memento: Object.freeze(memento), load };
  }
}

function put(texts: Map<string, string>, key: string, text: string | undefined): void {
  if (text === undefined) texts.delete(key);
  else texts.set(key, text);
}
