import * as z from 'zod';
import { ReadStateRequest, UpdateStateRequest } from '../../protocol/plugin-storage.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { type PluginStore, STATE_QUOTA_BYTES } from '../plugin-store/plugin-store.js';
import { FromPluginSchema, type HostIdentity } from './host-identity.js';

const Update = FromPluginSchema.extend({
  key: z.string().min(1).max(1000),
  // The quota is told by the file; this is for what could not fit in any case.
  value: z
    .string()
    .max(2 * STATE_QUOTA_BYTES)
    .nullable(),
});

/** Keeps what one host's plugins remember. Its pair there is `ExtHostStorage`. */
export class MainThreadStorage {
  constructor(connection: RpcConnection, identity: HostIdentity, store: PluginStore) {
    connection.onRequest(ReadStateRequest.type, (params) =>
      store.state(identity.check(FromPluginSchema, params).plugin).all(),
    );
    connection.onRequest(UpdateStateRequest.type, async (params) => {
      const { plugin, key, value } = identity.check(Update, params);
      await store.state(plugin).set(key, value);
      return null;
    });
  }
}
