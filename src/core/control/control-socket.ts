import { chmodSync, unlinkSync } from 'node:fs';
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import type { Disposable } from 'vscode-jsonrpc';
import { prepareAddress } from '../../config/address.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** How long a core that already listens may take to accept, before its socket counts as left behind, ms. */
const PROBE_MS = 1000;

/**
 * Listens on the preset address, in a folder that only its user can enter. A socket that a dead core left behind is
 * taken over.
 *
 * @throws `core.alreadyRunning` when another core answers there.
 */
export async function listenOnControlSocket(
  address: string,
  onConnection: (socket: Socket) => void,
): Promise<Disposable> {
  prepareAddress(address);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  try {
    await listen(server, address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw unusable(address, error);
    if (await answers(address)) {
      throw new BulkheadError(ErrorCodes.coreAlreadyRunning, `a core already runs at ${address}`, {
        where: address,
        remedy:
          'Attach to it with --mode attach, end it with "bulkhead stop --core", or take another --address.',
      });
    }
    unlinkSync(address);
    await listen(server, address).catch((retryError: unknown) => {
      throw unusable(address, retryError);
    });
  }
  if (process.platform !== 'win32') chmodSync(address, 0o600);
  return {
    dispose: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = netConnect(address);
    const settle = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(PROBE_MS, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function unusable(address: string, cause: unknown): BulkheadError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new BulkheadError(ErrorCodes.configInvalid, `cannot listen at ${address}: ${code}`, {
    where: address,
    remedy: 'Choose another --address.',
    cause,
  });
}
