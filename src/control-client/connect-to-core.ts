import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { checkAddress } from '../config/address.js';
import { readControlToken } from '../config/control-token.js';
import { CONTROL_ADMITTED, CONTROL_BUSY, CONTROL_REFUSED } from '../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { readLine } from '../rpc/read-line.js';

const CONNECT_DEADLINE_MS = 5000;
/**
 * A core that has just started listening writes its token a moment later: number of attempts, and their interval, ms.
 */
const ATTEMPTS = 5;
const RETRY_MS = 100;

/**
 * Connects to the core at `address` and sends it the control token. Rejects with `core.notRunning` if none listens
 * there, with `permission.denied` if it rejected this client, with `rpc.busy` if it has too many clients or does not
 * answer, with `rpc.framing` if it is not a core, and with errors of {@link checkAddress}.
 */
export async function connectToCore(address: string): Promise<Socket> {
  checkAddress(address);
  for (let attempt = 1; ; attempt++) {
    const socket = await connected(address);
    const answer = socket === undefined ? undefined : await greet(socket, readControlToken(address));
    if (socket !== undefined && answer === CONTROL_ADMITTED) return socket;
    socket?.destroy();
    if (attempt === ATTEMPTS) throw notAdmitted(address, answer);
    await delay(RETRY_MS);
  }
}

/** Undefined if the operating system's queue of connections is full. */
async function connected(address: string): Promise<Socket | undefined> {
  const socket = connect(address);
  const isConnected = await new Promise<boolean>((resolve, reject) => {
    socket.setTimeout(CONNECT_DEADLINE_MS, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => resolve(true));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN') resolve(false);
      else reject(refused(address, error));
    });
  });
  if (!isConnected) return undefined;
  socket.setTimeout(0);
  socket.removeAllListeners('error');
  return socket;
}

/** Its answer; undefined if there is none. */
async function greet(socket: Socket, token: string | undefined): Promise<string | undefined> {
  // A broken connection is reported by the missing answer.
  const ignored = () => {};
  socket.on('error', ignored);
  socket.write(`${token ?? ''}\n`);
  const answer = await readLine(socket, CONNECT_DEADLINE_MS);
  if (answer === CONTROL_ADMITTED) socket.off('error', ignored);
  return answer;
}

function notAdmitted(address: string, answer: string | undefined): BulkheadError {
  if (answer === undefined) {
    return new BulkheadError(
      ErrorCodes.rpcBusy,
      `the core at ${address} closed the connection without an answer`,
      {
        where: address,
        remedy:
          'Try again; if this persists, stop the programs that connect to it repeatedly, or restart it.',
      },
    );
  }
  if (answer === CONTROL_BUSY) {
    return new BulkheadError(
      ErrorCodes.rpcBusy,
      `the core at ${address} already serves its maximum number of clients`,
      {
        where: address,
        remedy: 'Stop a command that is attached to it, and try again.',
      },
    );
  }
  if (answer !== CONTROL_REFUSED) {
    return new BulkheadError(
      ErrorCodes.rpcFraming,
      `${address} is served by something that is not a core of this version`,
      {
        where: address,
        remedy: 'Stop it, or use another --address.',
      },
    );
  }
  return new BulkheadError(ErrorCodes.permissionDenied, `the core at ${address} rejected this client`, {
    where: address,
    remedy:
      'Run this as the user who started the core; if the token beside its socket is gone, start the core again.',
  });
}

function refused(address: string, cause: NodeJS.ErrnoException): BulkheadError {
  if (cause.code === 'EACCES' || cause.code === 'EPERM') {
    return new BulkheadError(ErrorCodes.permissionDenied, `no permission to connect to ${address}`, {
      where: address,
      remedy: 'Connect as the user who started the core.',
      cause,
    });
  }
  return new BulkheadError(ErrorCodes.coreNotRunning, `no core runs at ${address}`, {
    where: address,
    remedy: `Start one with: bulkhead core --address ${address}`,
    cause,
  });
}
