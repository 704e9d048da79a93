import { connect, type Socket } from 'node:net';
import { MEDIA_ACCEPTED, type MediaAddress } from '../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { readLine } from '../rpc/read-line.js';

/** Deadline for the core to accept, ms. It answers within a turn unless it is very busy. */
const DEADLINE_MS = 5000;

/**
 * Connects to the core's media socket. Data written to the connection afterwards is the run's media.
 *
 * @throws BulkheadError `rpc.invalidParams` for an invalid address, `process.failed` if the core does not accept the connection
 */
export async function connectMedia(address: MediaAddress): Promise<Socket> {
  checkAddress(address);
  const { path, token } = address;
  const socket = connect(path);
  let reason = 'it was not accepted';
  socket.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    reason = code ?? message;
  });
  socket.write(`${token}\n`);
  if ((await readLine(socket, DEADLINE_MS)) === MEDIA_ACCEPTED) return socket;
  socket.destroy();
  throw new BulkheadError(
    ErrorCodes.processFailed,
    `The core could not be reached for the media: ${reason}.`,
    {
      where: 'encoder',
      remedy: 'Restarting the encoder.',
    },
  );
}

/** Without a schema library, which would have to be loaded before an encoder can start. */
function checkAddress(address: Partial<MediaAddress> | undefined): void {
  const { path, token } = address ?? {};
  const valid =
    typeof path === 'string' && path !== '' && typeof token === 'string' && /^[0-9a-f]{64}$/.test(token);
  if (valid) return;
  throw new BulkheadError(
    ErrorCodes.rpcInvalidParams,
    'The encoder was given no media address: expected "media" with the path of a socket and a token of 64 hexadecimal digits.',
    { where: 'encoder' },
  );
}
