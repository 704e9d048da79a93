import { open, realpath, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLAYLIST_EXTENSIONS } from '../../config/sources.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

const MAX_LIST_BYTES = 1024 * 1024;
const MAX_FILES = 10_000;
/** Lists within lists. */
const MAX_DEPTH = 20;
/** At least two characters, so that `C:\file.mp4` is not an address. */
const ADDRESS = /^[a-z][a-z0-9+.-]+:\/\//i;

/**
 * The media files of a playlist, in their order: those of the lists (.m3u, .m3u8) in it take the lists' places. A list of HLS is a
 * medium of its own.
 *
 * @param items absolute paths
 * @throws BulkheadError `input.*` for a list that cannot be read, that contains itself or an address, or that is too long
 */
export async function expandPlaylist(items: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  const expand = async (paths: readonly string[], lists: readonly string[]): Promise<void> => {
    const at = lists.at(-1);
    for (const path of paths) {
      const entries = PLAYLIST_EXTENSIONS.has(extname(path).toLowerCase()) ? await readList(path) : undefined;
      if (entries === undefined) {
        if (files.length === MAX_FILES)
          throw invalid(at ?? path, `The playlist has more than ${MAX_FILES} files.`);
        files.push(path);
        continue;
      }
      const real = await realpath(path);
      if (lists.includes(real)) throw invalid(path, 'The playlist contains itself.');
      if (lists.length === MAX_DEPTH)
        throw invalid(path, `There are more than ${MAX_DEPTH} lists in each other.`);
      await expand(entries, [...lists, real]);
    }
  };
  await expand(items, []);
  if (files.length === 0) throw invalid(items[0] ?? '', 'The playlist is empty.');
  return files;
}

/** A list's entries as absolute paths; undefined if it is a medium. */
async function readList(path: string): Promise<string[] | undefined> {
  const text = await readText(path);
  if (/^#EXT-X-/m.test(text)) return undefined;
  const folder = dirname(path);
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      if (/^file:\/\//i.test(line)) return pathOf(line, path);
      if (ADDRESS.test(line)) {
        throw invalid(path, 'A playlist can name files only, and this one has an address.');
      }
      return resolve(folder, line);
    });
}

/** Players write paths as `file:///a%20b.mp4`. */
function pathOf(url: string, list: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw invalid(list, 'The playlist has an address of a file that is not on this computer.');
  }
}

async function readText(path: string): Promise<string> {
  try {
    // Opening a named pipe would wait for its other end.
    if (!(await stat(path)).isFile()) throw invalid(path, 'The list is not a file.');
    const file = await open(path);
    try {
      const buffer = Buffer.alloc(MAX_LIST_BYTES + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      if (bytesRead > MAX_LIST_BYTES) throw invalid(path, 'The list is larger than 1 MiB.');
      return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof BulkheadError) throw error;
    if (error instanceof TypeError) throw invalid(path, 'The list is not text in UTF-8.');
    const { code } = error as NodeJS.ErrnoException;
    throw new BulkheadError(
      code === 'EACCES' ? ErrorCodes.inputDenied : ErrorCodes.inputNotFound,
      code === 'EACCES' ? 'The list may not be read by this user.' : 'The list does not exist.',
      { where: path, remedy: 'Correct its path, or grant read access to it.' },
    );
  }
}

function invalid(path: string, message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.inputInvalid, message, {
    where: path,
    remedy: 'Correct the list: one path a line, which counts from the folder of the list.',
  });
}
