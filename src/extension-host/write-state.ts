import { MAX_PIECE_CHARACTERS } from '../protocol/channel-limits.js';
import { StageStateRequest, type UpdateStateParams, UpdateStateRequest } from '../protocol/plugin-storage.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

let lastTransfer = 0;

/**
 * Stores a value in the core; one that does not fit into a message is sent in pieces. Resolves once it has been written
 * to the disk.
 */
export async function writeState(
  connection: RpcConnection,
  { value, ...update }: Omit<UpdateStateParams, 'transfer'>,
): Promise<void> {
  if (value === null || value.length <= MAX_PIECE_CHARACTERS) {
    await connection.sendRequest(UpdateStateRequest.type, { ...update, value });
    return;
  }
  lastTransfer += 1;
  const transfer = lastTransfer;
  const { plugin } = update;
  let at = 0;
  for (; value.length - at > MAX_PIECE_CHARACTERS; at += MAX_PIECE_CHARACTERS) {
    const piece = value.slice(at, at + MAX_PIECE_CHARACTERS);
    await connection.sendRequest(StageStateRequest.type, { plugin, transfer, piece });
  }
  await connection.sendRequest(UpdateStateRequest.type, { ...update, value: value.slice(at), transfer });
}
