import { connect, isIPv6, type LookupFunction, type Socket } from 'node:net';

/** Systems try for two minutes: too long for what a plugin could try again. */
const DEADLINE_MS = 30_000;
const KEEP_ALIVE_MS = 60_000;

/**
 * Connects to one of a host's addresses, to the next one where one does not answer at once (RFC 8305).
 *
 * @throws as Node does: `ECONNREFUSED`, `EHOSTUNREACH`, `ETIMEDOUT`
 */
export function connectToAny(
  addresses: readonly string[],
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  const lookup: LookupFunction = (_name, { all }, callback) => {
    const [first] = found;
    if (all === true) callback(null, found);
    else callback(null, first?.address ?? '', first?.family);
  };
  return new Promise((resolve, reject) => {
    const [only] = addresses;
    const socket = connect({
      // Node does not look up an address.
      host: addresses.length === 1 && only !== undefined ? only : host,
      ...{ port, lookup, signal, autoSelectFamily: true, allowHalfOpen: true },
      ...{ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    });
    const timer = setTimeout(() => socket.destroy(failure('ETIMEDOUT', host, port)), DEADLINE_MS);
    socket.once('error', (error: NodeJS.ErrnoException & { errors?: unknown }) => {
      clearTimeout(timer);
      // Of several addresses each has its own.
      reject(error.errors === undefined ? error : failure(error.code ?? 'ECONNREFUSED', host, port));
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

function failure(code: string, host: string, port: number): Error {
  const error = new Error(`connect ${code} ${host}:${port}`);
  return Object.assign(error, { code, syscall: 'connect', address: host, port });
}
