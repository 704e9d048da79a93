import type { StorageUsage } from '@bulkhead/extension-api';
import { ReadStateRequest, StorageUsageRequest } from '../protocol/plugin-storage.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { deepFreeze } from './deep-freeze.js';
import type { PluginScope } from './plugin-scope.js';
import { StoredMemento } from './stored-memento.js';
import { writeState } from './write-state.js';

/** A folder with many files takes a while to measure, ms. */
const MEASURE_DEADLINE_MS = 120_000;

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

  async usage(scope: PluginScope): Promise<StorageUsage> {
    scope.checkActive();
    const { state, ...others } = await this.connection.sendRequest(
      StorageUsageRequest.type,
      { plugin: scope.id },
      { deadlineMs: MEASURE_DEADLINE_MS },
    );
    return deepFreeze({ globalState: state, ...others });
  }
}
