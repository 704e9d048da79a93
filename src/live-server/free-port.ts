import { once } from 'node:events';
import { isIPv6, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** Only reachable from this machine. */
export const LOOPBACK = '127.0.0.1';

const TRIES = 20;

/**
 * Binds `server` to the port, or if it is in use to the next free one, or to any.
 *
 * @param setting of "liveServer", which gives the host
 * @returns the port it listens on
 * @throws BulkheadError `port.inUse`, `config.invalid` for a host that this machine does not have
 */
export async function listenNear(
  server: Server,
  wantedPort: number,
  host = LOOPBACK,
  setting = 'host',
): Promise<number> {
  const last = Math.min(wantedPort + TRIES - 1, 65535);
  let failure: unknown;
  for (let port = wantedPort; port <= last + 1; port += 1) {
    try {
      server.listen(port <= last ? port : 0, host);
      await once(server, 'listening');
      return portOf(server);
    } catch (error) {
      failure = error;
      if (codeOf(error) === 'EADDRNOTAVAIL') throw noSuchHost(host, setting, error);
    }
  }
  throw new BulkheadError(
    ErrorCodes.portInUse,
    `No TCP port from ${wantedPort} to ${last} of ${host} can be used`,
    { remedy: 'Choose another port under "liveServer" in the configuration.', cause: failure },
  );
}

/**
 * The address at which others reach a server listening on `host`: for "0.0.0.0" and "::", the first address of this
 * machine in its network.
 */
export function reachableAddress(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  const addresses = Object.values(networkInterfaces()).flatMap((ofInterface) => ofInterface ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? LOOPBACK;
}

/** The address as it stands in a URL. */
export function urlHost(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

function noSuchHost(host: string, setting: string, cause: unknown): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, `This machine has no address ${host}`, {
    where: `liveServer.${setting}`,
    remedy: 'Give one of this machine\'s own addresses, or "0.0.0.0" for all of them.',
    cause,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/**
 * Binds `server` to exactly this port.
 *
 * @throws BulkheadError `port.inUse`, `config.invalid` for a host that this machine does not have
 */
export async function listenAt(server: Server, port: number, host = LOOPBACK): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return port;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL') throw noSuchHost(host, 'rtmpHost', error);
    throw new BulkheadError(
      ErrorCodes.portInUse,
      code === 'EADDRINUSE'
        ? `The TCP port ${port} of ${host}, where publishers connect, is in use by another program`
        : `The TCP port ${port} of ${host}, where publishers connect, cannot be used (${code})`,
      {
        where: 'liveServer.rtmpPort',
        remedy:
          'Stop that program, or choose another "rtmpPort" under "liveServer" and enter it in the publisher.',
        cause: error,
      },
    );
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('The server is not bound to a TCP port');
  return address.port;
}
