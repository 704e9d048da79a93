import {
  ListSettingsRequest,
  ResetSettingsRequest,
  SavedSettingRequest,
  type SetSettingParams,
  SetSettingRequest,
  type SettingIdParams,
  type SettingList,
  type SettingManagement,
} from '../protocol/settings.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** The settings of plugins in a running core. */
export class RemoteSettings implements SettingManagement {
  constructor(private readonly connection: RpcConnection) {}

  list(): Promise<SettingList> {
    return this.connection.sendRequest(ListSettingsRequest.type, {});
  }

  set(params: SetSettingParams): Promise<SettingList> {
    return this.connection.sendRequest(SetSettingRequest.type, params);
  }

  reset(): Promise<SettingList> {
    return this.connection.sendRequest(ResetSettingsRequest.type, {});
  }

  noteSaved(params: SettingIdParams): Promise<SettingList> {
    return this.connection.sendRequest(SavedSettingRequest.type, params);
  }
}
