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

/** Longer than the core's own deadline, whose error is more specific, ms. */
const COMMAND_DEADLINE_MS = 60_000;

/** The keys of a running core. */
export class RemoteKeys implements KeyManagement {
  constructor(private readonly connection: RpcConnection) {}

  list(): Promise<KeybindingList> {
    return this.connection.sendRequest(ListKeybindingsRequest.type, {});
  }

  press(params: PressKeyParams): Promise<PressedKey> {
    return this.connection.sendRequest(PressKeyRequest.type, params, { deadlineMs: COMMAND_DEADLINE_MS });
  }

  context(): Promise<readonly ContextKey[]> {
    return this.connection.sendRequest(ListContextRequest.type, {});
  }
}
