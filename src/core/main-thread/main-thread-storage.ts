import type { Disposable } from 'vscode-jsonrpc';
import * as z from 'zod';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  ProfileNotification,
  ReadProfileStateRequest,
  ReadStateRequest,
  UpdateStateRequest,
} from '../../protocol/plugin-storage.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { type PluginStore, STATE_QUOTA_BYTES } from '../plugin-store/plugin-store.js';
import { FromPluginSchema, type HostIdentity } from './host-identity.js';

const Update = FromPluginSchema.extend({
  profile: z.string().max(100).optional(),
  key: z.string().min(1).max(1000),
  // The quota is told by the file; this is for what could not fit in any case.
  value: z
    .string()
    .max(2 * STATE_QUOTA_BYTES)
    .nullable(),
});

/** Keeps what one host's plugins remember. Its pairs there are `ExtHostStorage` and `ExtHostProfile`. */
export class MainThreadStorage implements Disposable {
  private readonly subscription: Disposable;

  constructor(connection: RpcConnection, identity: HostIdentity, store: PluginStore) {
    connection.onRequest(ReadStateRequest.type, (params) =>
      store.state(identity.check(FromPluginSchema, params).plugin).all(),
    );
    connection.onRequest(ReadProfileStateRequest.type, async (params) => {
      const { plugin } = identity.check(FromPluginSchema, params);
      const { profile } = store;
      return { profile, values: await store.profileState(plugin).all() };
    });
    connection.onRequest(UpdateStateRequest.type, async (params) => {
      const { plugin, profile, key, value } = identity.check(Update, params);
      await fileFor(store, plugin, profile).set(key, value);
      return null;
    });
    const send = (profile: string) => void connection.sendNotification(ProfileNotification.type, { profile });
    send(store.profile);
    this.subscription = store.onDidChangeProfile(send);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}

/** A plugin names a profile only to say which one it took for the present. */
function fileFor(store: PluginStore, plugin: string, profile: string | undefined) {
  if (profile === undefined) return store.state(plugin);
  if (profile === store.profile) return store.profileState(plugin);
  throw new BulkheadError(
    ErrorCodes.storageFailed,
    `the profile is "${store.profile}" now: nothing was written for "${profile.slice(0, 64)}"`,
    { where: plugin, remedy: 'Write again after env.onDidChangeProfile.' },
  );
}
