import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { basename, dirname } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';

/** Length of a name in Linux's abstract namespace. The full length, since Node 20 pads it with NULs and Node 24 does not. */
const ABSTRACT_NAME_LENGTH = 108;
/** `open` also takes an `flock` lock on macOS and the BSDs; Node has no constants for that. */
const O_RDWR = 0x2;
const O_NONBLOCK = 0x4;
const O_EXLOCK = 0x20;
const O_CREAT_BSD = 0x200;

/**
 * Takes the lock identified by this path for this process. The operating system releases it when the process ends for any
 * reason, so that no stale lock remains: on Linux it is a socket in the abstract namespace, on Windows a named pipe, elsewhere
 * the lock of an open file.
 *
 * The lock's name is derived from the identity of the path's folder, which has to exist. On Linux processes share locks only
 * within a network namespace, which containers with a common home folder do not share. Another user of the machine could take
 * the name; the caller then reports it as being in use.
 *
 * @returns undefined while another process has it
 * @throws the operating system's error if the folder cannot be read
 */
export async function takeProcessLock(path: string): Promise<Disposable | undefined> {
  switch (process.platform) {
    case 'linux':
    case 'android':
      return listenAlone(`\0bulkhead-lock-${await identityOf(path)}`.padEnd(ABSTRACT_NAME_LENGTH, '.'));
    case 'win32':
      return listenAlone(`\\\\.\\pipe\\bulkhead-lock-${await identityOf(path)}`);
    default:
      return lockFile(`${path}.lock`);
  }
}

/** The same for every spelling of the path, and different for other files. */
async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(dirname(path), { bigint: true });
  const identity = [process.getuid?.() ?? '', dev, ino, basename(path)].join('/');
  return createHash('sha256').update(identity).digest('hex');
}

async function listenAlone(name: string): Promise<Disposable | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  server.unref();
  return { dispose: () => server.close() };
}

/** Rejects with the operating system's code, such as EADDRINUSE. */
export function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      // Such as EMFILE for a connection that could not be accepted: the next one may succeed.
      server.on('error', () => {});
      resolve();
    });
  });
}

async function lockFile(path: string): Promise<Disposable | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, O_RDWR | O_NONBLOCK | O_EXLOCK | O_CREAT_BSD, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return undefined;
    throw error;
  }
  return { dispose: () => void handle.close().catch(() => {}) };
}
