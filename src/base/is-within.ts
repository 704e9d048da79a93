import { isAbsolute, relative } from 'node:path';

/** Whether an absolute path lies below a folder, as the names say. */
export function isWithin(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
}
