import { mkdir, open, readdir, readFile, rm, statfs } from 'node:fs/promises';
import type { Disposable } from 'vscode-jsonrpc';
import { takeProcessLock } from '../config/process-lock.js';

/** One file that is open. */
export interface OpenedFile {
  /** Bytes. */
  size(): Promise<number>;
  /** Fewer only at the end of the file. */
  read(position: number, length: number): Promise<Buffer>;
  /** All of them, from there on. */
  write(buffers: readonly Buffer[], position: number): Promise<void>;
  /** Resolves when the disk has confirmed what was written. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** What a recorder asks of the operating system; it rejects with the system's errors. Tests use others, which fill up or hang. */
export interface Disk {
  makeFolder(path: string): Promise<void>;
  /** @param flags as of `fs.open`: `wx` for a file that must not exist */
  open(path: string, flags: 'r' | 'r+' | 'wx'): Promise<OpenedFile>;
  /** Text of a small file. */
  read(path: string): Promise<string>;
  remove(path: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  /** So that the names of new files outlast a power cut. */
  syncFolder(path: string): Promise<void>;
  /** For this user, bytes. */
  free(folder: string): Promise<number>;
  /** Keeps other processes from writing to a file, until it is disposed of or this process ends; undefined while one has it. */
  lock(path: string): Promise<Disposable | undefined>;
}

export const systemDisk: Disk = {
  makeFolder: async (path) => void (await mkdir(path, { recursive: true })),
  open: openFile,
  read: (path) => readFile(path, 'utf8'),
  remove: (path) => rm(path, { force: true }),
  list: (folder) => readdir(folder),
  syncFolder,
  free: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  lock: takeProcessLock,
};

/** The same disk, for files whose writer does not wait until they are on it: that is begun when they are closed. */
export function withoutWaiting(disk: Disk): Disk {
  return {
    ...disk,
    open: async (path, flags) => {
      const file = await disk.open(path, flags);
      const close = () => file.close();
      return {
        ...file,
        sync: async () => {},
        close: async () =>
          void file
            .sync()
            .then(close, close)
            .catch(() => {}),
      };
    },
    syncFolder: async () => {},
  };
}

async function openFile(path: string, flags: 'r' | 'r+' | 'wx'): Promise<OpenedFile> {
  const handle = await open(path, flags);
  return {
    size: async () => (await handle.stat()).size,
    read: async (position, length) => {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    },
    write: async (buffers, position) => {
      const total = buffers.reduce((sum, { length }) => sum + length, 0);
      const { bytesWritten } = await handle.writev([...buffers], position);
      if (bytesWritten === total) return;
      // A disk that is full takes a part first.
      const rest = Buffer.concat(buffers).subarray(bytesWritten);
      for (let done = 0; done < rest.length; ) {
        const { bytesWritten: more } = await handle.write(
          rest,
          done,
          rest.length - done,
          position + bytesWritten + done,
        );
        done += more;
      }
    },
    sync: () => handle.datasync(),
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  };
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
