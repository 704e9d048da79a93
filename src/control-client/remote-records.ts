import {
  type PluginDetails,
  PluginDetailsRequest,
  type PluginIdParams,
  type PluginRecords,
  SetPluginSecretRequest,
  type SetSecretParams,
} from '../protocol/plugin-details.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** A folder with many files takes a while to measure, ms. */
const deadline = { deadlineMs: 120_000 };

/** What a running core knows of single plugins. */
export class RemoteRecords implements PluginRecords {
  constructor(private readonly connection: RpcConnection) {}

  details(params: PluginIdParams): Promise<PluginDetails> {
    return this.connection.sendRequest(PluginDetailsRequest.type, params, deadline);
  }

  setSecret(params: SetSecretParams): Promise<null> {
    return this.connection.sendRequest(SetPluginSecretRequest.type, params);
  }
}
