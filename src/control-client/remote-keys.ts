import {
  type ContextKey,
  type KeybindingList,
  type KeyManagement,
  ListContextRequest,
  ListKeybindingsRequest,
  type PressedKey,
  type PressKeyParams,
  PressKeyRequest,
} from '../protocol/keybindings.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { NO_DEADLINE, whileCoreAnswers } from './while-core-answers.js';

/** The keys of a running core. */
export class RemoteKeys implements KeyManagement {
  constructor(private readonly connection: RpcConnection) {}

  list(): Promise<KeybindingList> {
    return this.connection.sendRequest(ListKeybindingsRequest.type, {});
  }

  press(params: PressKeyParams): Promise<PressedKey> {
    const { connection } = this;
    return whileCoreAnswers(connection, connection.sendRequest(PressKeyRequest.type, params, NO_DEADLINE));
  }

  context(): Promise<readonly ContextKey[]> {
    return this.connection.sendRequest(ListContextRequest.type, {});
  }
}
