import { isAbsolute, relative, sep } from 'node:path';

/** Whether an absolute path lies below a folder, as the names say; the folder itself does not. */
export function isWithin(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  // Absolute on another drive. A name may begin with two dots.
  return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

/** The same, or the folder itself. */
export function isWithinOrSame(path: string, folder: string): boolean {
  return relative(folder, path) === '' || isWithin(path, folder);
}
