import { constants } from 'node:fs';
import { access, appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { PLAYLIST } from '../protocol/relay.js';

const END = '#EXT-X-ENDLIST\n';

/**
 * Makes sure that segments can be written into the folder, which is created where it does not exist.
 *
 * @returns whether there is a playlist
 * @throws BulkheadError `storage.failed`
 */
export async function prepareFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    await access(folder, constants.W_OK);
    const probe = join(folder, `.bulkhead-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe, { force: true });
  } catch (error) {
    throw new BulkheadError(ErrorCodes.storageFailed, `cannot write to the folder ${folder}: ${why(error)}`, {
      remedy: 'Give the user of Bulkhead write permission there, or choose another folder.',
      cause: error,
    });
  }
  const names = await readdir(folder);
  const hasPlaylist = names.includes(PLAYLIST);
  const named = hasPlaylist ? segmentsOf(await readFile(join(folder, PLAYLIST), 'utf8')) : [];
  // What an ffmpeg that was killed has not finished, and what it would have deleted later.
  const isLeft = (name: string) =>
    /^(segment-\d+\.ts|stream\.m3u8)\.tmp$/.test(name) ||
    (hasPlaylist && /^segment-\d+\.ts$/.test(name) && !named.includes(name));
  for (const name of names.filter(isLeft)) await rm(join(folder, name), { force: true });
  return hasPlaylist;
}

/**
 * A folder for segments on their way, which nobody else can read; it may be there from a relay before. Those beside it of cores that have
 * died are removed, as far as they are this user's.
 *
 * @returns whether there is a playlist
 * @throws BulkheadError `storage.failed`
 */
export async function prepareTemporaryFolder(folder: string): Promise<boolean> {
  const parent = dirname(folder);
  for (const name of await readdir(parent)) {
    const [, pid] = /^bulkhead-hls-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
  await mkdir(folder, { mode: 0o700 }).catch(() => {});
  return prepareFolder(folder);
}

/** Says in the playlist, where there is one, that the stream has ended. */
export async function endPlaylist(folder: string): Promise<void> {
  const path = join(folder, PLAYLIST);
  try {
    if ((await readFile(path, 'utf8')).endsWith(END)) return;
    await appendFile(path, END);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The segments that a playlist names, in order. */
export function segmentsOf(playlist: string): string[] {
  return playlist.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function why(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'its disk is read-only';
    case 'ENOSPC':
      return 'its disk is full';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is a file, or below one';
    default:
      return (error as Error).message;
  }
}
