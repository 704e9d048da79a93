import {
  type ChangedPlugin,
  type InstallParams,
  InstallPluginRequest,
  ListPluginsRequest,
  type PluginList,
  type PluginManagement,
  type RemoveParams,
  RemovePluginRequest,
  RestartPluginRequest,
  RollBackPluginRequest,
  type SetEnabledParams,
  type SetPermissionParams,
  SetPluginEnabledRequest,
  SetPluginPermissionRequest,
} from '../protocol/plugin-management.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** A change waits for earlier ones, and for a plugin that uses all of its deadlines, ms. */
const deadline = { deadlineMs: 120_000 };

/** Plugin management by a running core. */
export class RemotePlugins implements PluginManagement {
  constructor(private readonly connection: RpcConnection) {}

  list(): Promise<PluginList> {
    return this.connection.sendRequest(ListPluginsRequest.type, {});
  }

  install(params: InstallParams): Promise<ChangedPlugin> {
    return this.connection.sendRequest(InstallPluginRequest.type, params, deadline);
  }

  rollback(params: { readonly id: string }): Promise<ChangedPlugin> {
    return this.connection.sendRequest(RollBackPluginRequest.type, params, deadline);
  }

  setEnabled(params: SetEnabledParams): Promise<ChangedPlugin> {
    return this.connection.sendRequest(SetPluginEnabledRequest.type, params, deadline);
  }

  setPermission(params: SetPermissionParams): Promise<ChangedPlugin> {
    return this.connection.sendRequest(SetPluginPermissionRequest.type, params, deadline);
  }

  remove(params: RemoveParams): Promise<ChangedPlugin> {
    return this.connection.sendRequest(RemovePluginRequest.type, params, deadline);
  }

  restart(params: { readonly id: string }): Promise<ChangedPlugin> {
    return this.connection.sendRequest(RestartPluginRequest.type, params, deadline);
  }
}
