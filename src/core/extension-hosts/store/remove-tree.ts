import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Far below the longest path that operating systems accept, bytes; a name has 255 at most. */
const SHORT_PATH = 2000;
/** How often a folder that is too deep is moved up: a plugin's quota of folders is smaller. */
const MAX_MOVES = 20_000;

/**
 * Deletes a file or folder recursively, even if it is so deep that its paths are too long for the operating system. Does
 * nothing if the path does not exist.
 */
export async function removeTree(path: string): Promise<void> {
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    try {
      await rm(path, { recursive: true, force: true });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw error;
    }
    try {
      const deep = await findDeep(path);
      if (deep !== undefined) await rename(deep, join(path, `moved-up-${moves}`));
    } catch (error) {
      // `rm` may continue in the background after it has failed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  await rm(path, { recursive: true, force: true });
}

/** A folder whose path has about the maximum length. */
async function findDeep(path: string): Promise<string | undefined> {
  const waiting = [path];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const inner = join(folder, entry.name);
      if (Buffer.byteLength(inner) > SHORT_PATH) return inner;
      waiting.push(inner);
    }
  }
  return undefined;
}
