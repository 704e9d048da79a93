import { ReadStateRequest } from '../protocol/plugin-storage.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';
import { StoredMemento } from './stored-memento.js';
import { writeState } from './write-state.js';

/** The `globalState` of this host's plugins. Its pair in the core is `MainThreadStorage`. */
export class ExtHostStorage {
  constructor(private readonly connection: RpcConnection) {}

  createMemento(scope: PluginScope): StoredMemento {
    const plugin = scope.id;
    return new StoredMemento(scope, {
      read: () => this.connection.sendRequest(ReadStateRequest.type, { plugin }),
      write: (key, value) => writeState(this.connection, { plugin, key, value }),
    });
  }
}
