import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** All that the live server opens is reachable from this machine alone. */
export const LOOPBACK = '127.0.0.1';

const TRIES = 20;

/**
 * Binds `server` to the port, or to the next free one when it is in use, or to any.
 *
 * @returns the port it listens on
 * @throws BulkheadError `port.inUse`
 */
export async function listenNear(server: Server, wantedPort: number): Promise<number> {
  const last = Math.min(wantedPort + TRIES - 1, 65535);
  let failure: unknown;
  for (let port = wantedPort; port <= last + 1; port += 1) {
    try {
      server.listen(port <= last ? port : 0, LOOPBACK);
      await once(server, 'listening');
      return portOf(server);
    } catch (error) {
      failure = error;
    }
  }
  throw new BulkheadError(
    ErrorCodes.portInUse,
    `No TCP port from ${wantedPort} to ${last} of ${LOOPBACK} can be used`,
    { remedy: 'Choose another port under "liveServer" in the configuration.', cause: failure },
  );
}

/** The first port from `wantedPort` on that can be bound at this moment, for a server that binds it itself. */
export async function findFreePort(wantedPort: number): Promise<number> {
  const probe = createServer();
  const port = await listenNear(probe, wantedPort);
  probe.close();
  await once(probe, 'close');
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('The server is not bound to a TCP port');
  return address.port;
}
