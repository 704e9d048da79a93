import { linkSync } from 'node:fs';

/**
 * Gives the file `source` the name `target` as well, unless something has it: of several processes that try, one succeeds.
 *
 * @returns Whether it has got the name.
 */
export function linkIfFree(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
