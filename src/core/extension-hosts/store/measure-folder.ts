import { lstat, opendir } from 'node:fs/promises';
import { sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Number of entries between pauses, and the pause, ms: at most 500 a second. Each entry costs 50 to 100 µs of CPU time.
 */
const ENTRIES_AT_ONCE = 100;
const PAUSE_MS = 200;
const BLOCK_BYTES = 512;
/** Names need not be valid text: on POSIX systems bytes are mapped to characters and back. */
const NAMES = process.platform === 'win32' ? 'utf8' : 'latin1';
/** Errors by which a plugin could hide stored files from being counted. */
const HIDING: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'ENAMETOOLONG', 'ELOOP']);
const GONE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR']);

export interface FolderLimits {
  readonly bytes: number;
  /** Files and folders. */
  readonly entries: number;
}

/** Content of a folder, as far as it was walked: the walk stops when a limit is exceeded. */
export interface FolderUsage {
  /** On the disk: a sparse file takes less than its length. */
  readonly bytes: number;
  readonly entries: number;
  /** A folder that cannot be read. */
  readonly hidden?: string;
}

/**
 * Measures a folder without blocking its caller's event loop, or more than one of libuv's threads: one system call at a
 * time, with pauses. Links are counted but not followed.
 *
 * @throws errors that are not caused by the folder, such as EMFILE or EIO
 */
export async function measureFolder(
  path: string,
  limits: FolderLimits,
  signal?: AbortSignal,
): Promise<FolderUsage> {
  const folders: Buffer[] = [Buffer.from(path, 'utf8')];
  let bytes = 0;
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const { name } of await opendir(folder, { encoding: NAMES, bufferSize: ENTRIES_AT_ONCE })) {
        if (++entries % ENTRIES_AT_ONCE === 0) await delay(PAUSE_MS, undefined, { ref: false, signal });
        const entry = Buffer.concat([folder, Buffer.from(sep), Buffer.from(name, NAMES)]);
        const stats = await lstatIfThere(entry);
        if (stats === undefined) continue;
        bytes += process.platform === 'win32' ? stats.size : stats.blocks * BLOCK_BYTES;
        if (stats.isDirectory()) folders.push(entry);
        if (bytes > limits.bytes || entries > limits.entries) return { bytes, entries };
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (HIDING.has(code)) return { bytes, entries, hidden: folder.toString('utf8') };
      if (!GONE.has(code)) throw error;
    }
  }
  return { bytes, entries };
}

async function lstatIfThere(path: Buffer) {
  try {
    return await lstat(path);
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}
