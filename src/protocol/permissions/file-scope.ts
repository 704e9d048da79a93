/**
 * The scopes of `file:read`: a file, or a folder with everything in it. A path from `/` (on Windows from a drive, `C:/`) or from
 * the home folder, `~/`; with `/` between its parts, and with neither `.` nor `..` among them.
 */

const EXAMPLES = 'such as "~/Music" or "/srv/media"';
/** Node's permission model takes `*` and `,` for more than characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they would be shown to the streamer
const NEVER = /[\u0000-\u001f\u007f*,\\]/;

/** @returns the path in its one spelling @throws Error with what is expected */
export function canonicalFileScope(path: string): string {
  if (NEVER.test(path))
    throw new Error(`expected a path without "*", ",", "\\" and control characters, ${EXAMPLES}`);
  const [root, ...parts] = path.replace(/\/+$/, '').split('/');
  if (root === undefined || !/^(~|[A-Z]:)?$/.test(root)) {
    throw new Error(`expected a path from "/" or "~/", ${EXAMPLES}`);
  }
  if (parts.some((part) => part === '.' || part === '..')) {
    throw new Error(`expected a path without "." and ".." as parts of it, ${EXAMPLES}`);
  }
  const named = parts.filter((part) => part !== '');
  if (named.length === 0 && root !== '~') throw new Error(`expected less than a whole disk, ${EXAMPLES}`);
  return [root, ...named].join('/');
}

export function coversFileScope(wide: string, narrow: string): boolean {
  return narrow === wide || narrow.startsWith(`${wide}/`);
}

/** Continues "may". That a folder is mounted read-only does not stop connections to sockets in it. */
export function describeFileScope(path: string): string {
  const what = path === '~' ? 'everything in your home folder' : `${path} and everything in it`;
  return `read ${what}, and use programs that listen there`;
}
