import { chmod, lstat, rm } from 'node:fs/promises';
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from 'vscode-jsonrpc';
import { isPipeName, prepareAddress } from '../../config/address.js';
import { createControlToken, removeControlToken } from '../../config/control-token.js';
import { listen, takeProcessLock } from '../../config/process-lock.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { Admission } from './admission.js';

/** How long a core that already listens may take to accept, before it counts as running, ms. */
const PROBE_MS = 1000;
/** How often, and at what interval, a core that holds the lock and does not respond is retried, ms. */
const LOCK_TRIES = 10;
const LOCK_RETRY_MS = 100;

/**
 * Listens on the preset address, in a folder that only its user can access, and admits clients that send the token
 * stored next to it. A socket left by a core that crashed is replaced; of several cores that try, one succeeds.
 *
 * @throws `core.alreadyRunning` if another core answers there.
 */
export async function listenOnControlSocket(
  address: string,
  onConnection: (socket: Socket) => void,
): Promise<Disposable> {
  prepareAddress(address);
  const admission = new Admission(onConnection);
  const server = createServer((socket) => void admission.add(socket));
  const place = isPipeName(address) ? await takePipe(server, address) : await takePath(server, address);
  // Not earlier: until now the token is that of a core running there.
  admission.begin(createControlToken(address));
  return {
    dispose: () => {
      server.close();
      admission.dispose();
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

/** The owner of the lock may remove a file at the address, unless it answers or is not a socket. */
async function takePath(server: Server, address: string): Promise<Disposable> {
  let lock: Disposable | undefined;
  try {
    lock = await takeProcessLock(address);
    if (lock === undefined) throw await lockedBy(address);
    await removeStale(address);
    await listen(server, address);
    await chmod(address, 0o600);
    return lock;
  } catch (error) {
    server.close();
    lock?.dispose();
    throw error instanceof BulkheadError ? error : unusable(address, error);
  }
}

async function removeStale(address: string): Promise<void> {
  const found = await lstat(address).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw unusable(address, new Error('something that is not a socket exists there'));
  if (await answers(address)) throw alreadyRunning(address);
  await rm(address, { force: true });
}

/** A core that has just taken the lock starts listening a moment later. */
async function lockedBy(address: string): Promise<BulkheadError> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    if (await answers(address)) return alreadyRunning(address);
    await delay(LOCK_RETRY_MS);
  }
  return new BulkheadError(
    ErrorCodes.coreAlreadyRunning,
    `another process has the lock of ${address}, and no core answers there`,
    {
      where: address,
      remedy: 'Wait for the core that is starting or stopping there, or use another --address.',
    },
  );
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
    remedy: 'Attach to it with --mode attach, stop it with "bulkhead stop --core", or use another --address.',
  });
}

function unusable(address: string, cause: unknown): BulkheadError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new BulkheadError(ErrorCodes.configInvalid, `cannot listen at ${address}: ${code ?? message}`, {
    where: address,
    remedy: 'Choose another --address.',
    cause,
  });
}
