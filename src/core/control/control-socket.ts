import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { isPipeName, prepareAddress } from '../../config/address.js';
import { createControlToken, removeControlToken } from '../../config/control-token.js';
import { linkIfFree } from '../../config/link-if-free.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { admitClient } from './admit-client.js';

/** How long a core that already listens may take to accept, before it counts as running, ms. */
const PROBE_MS = 1000;
/** So many others may come first before it is given up. */
const MAX_TRIES = 3;
/** Connections at a time: whoever opens more is turned away, so that the core keeps descriptors for its outputs. */
const MAX_CONNECTIONS = 128;

/**
 * Listens on the preset address, in a folder that only its user can enter, and lets those clients in that show the token
 * it writes beside it. A socket that a dead core left behind is taken over; of several cores that try, one gets it.
 *
 * @throws `core.alreadyRunning` when another core answers there.
 */
export async function listenOnControlSocket(
  address: string,
  onConnection: (socket: Socket) => void,
): Promise<Disposable> {
  prepareAddress(address);
  let token: string | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    if (token === undefined) socket.destroy();
    else void admitClient(socket, token).then((admitted) => admitted && onConnection(socket));
  });
  server.maxConnections = MAX_CONNECTIONS;
  const place = isPipeName(address) ? await takePipe(server, address) : await takePath(server, address);
  // Not before: until then the token is that of the core which runs there.
  token = createControlToken(address);
  return {
    dispose: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      removeControlToken(address);
      place.dispose();
    },
  };
}

async function takePipe(server: Server, address: string): Promise<Disposable> {
  try {
    await listen(server, address);
    return { dispose: () => {} };
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw taken ? alreadyRunning(address) : unusable(address, error);
  }
}

/**
 * Listens under a name of its own first, and takes the address by a link, which fails when there is something: what is
 * found at the address and does not answer has really been left behind, and is not about to listen.
 */
async function takePath(server: Server, address: string): Promise<Disposable> {
  const own = nameBeside(address);
  let inode: number | undefined;
  try {
    await listen(server, own);
    chmodSync(own, 0o600);
    inode = inodeOf(own);
    for (let tries = 1; !linkIfFree(own, address); tries++) {
      const found = inodeOf(address);
      if (tries > MAX_TRIES || (await answers(address))) throw alreadyRunning(address);
      if (found !== undefined) moveAside(address, found);
    }
  } catch (error) {
    server.close();
    throw error instanceof BulkheadError ? error : unusable(address, error);
  } finally {
    rmSync(own, { force: true });
  }
  return {
    dispose: () => {
      if (inodeOf(address) === inode) rmSync(address, { force: true });
    },
  };
}

/** Removes what was found at the address. What another core has put there meanwhile is put back. */
function moveAside(address: string, found: number): void {
  const aside = nameBeside(address);
  try {
    renameSync(address, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (inodeOf(aside) !== found) linkIfFree(aside, address);
  rmSync(aside, { force: true });
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

/** A name in the same folder that nobody else has; no longer than `core.sock`, since a socket's path has a limit. */
function nameBeside(address: string): string {
  return join(dirname(address), `.${randomBytes(4).toString('hex')}`);
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

function alreadyRunning(address: string): BulkheadError {
  return new BulkheadError(ErrorCodes.coreAlreadyRunning, `a core already runs at ${address}`, {
    where: address,
    remedy: 'Attach to it with --mode attach, end it with "bulkhead stop --core", or take another --address.',
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
