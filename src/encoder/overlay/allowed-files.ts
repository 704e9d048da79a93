import { closeSync, constants, openSync, readFileSync, realpathSync } from 'node:fs';
import { isWithin } from '../../base/is-within.js';

/** Not on Windows, where plugins cannot make links without more rights. */
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/**
 * Whether a file may be read for a drawing, wherever links lead. One that is not there may: that is found when it is read.
 *
 * @param folders in which it has to be; any without them
 */
export function mayRead(path: string, folders: readonly string[] | undefined): boolean {
  if (folders === undefined) return true;
  try {
    const real = realpathSync(path);
    return folders.some((folder) => isWithin(real, realpathSync(folder)));
  } catch {
    return true;
  }
}

/** Reads a file of which {@link mayRead} is true: one that a link has taken the place of since is not. @throws errors of the file system */
export function readAllowed(path: string, folders: readonly string[] | undefined): Buffer {
  const real = realpathSync(path);
  if (!mayRead(real, folders)) throw new Error('it may not be read');
  const file = openSync(real, constants.O_RDONLY | NO_LINK);
  try {
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
