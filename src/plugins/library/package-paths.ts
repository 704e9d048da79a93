import { printable } from '../../base/printable.js';

/** Maximum length and depth of a path in a package; every supported file system accepts such a path. */
const MAX_PATH_BYTES = 400;
const MAX_NAME_BYTES = 200;
const MAX_DEPTH = 24;

/** Device names on Windows, in any folder and with any extension. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;

/**
 * What is wrong with the path of a file or folder in a package, to follow "the path "…" "; undefined if it is valid. Only
 * paths that work on every system are valid.
 */
export function pathProblem(path: string): string | undefined {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  const names = path.split('/');
  if (path.startsWith('/') || path.includes('\\') || /^[a-z]:/i.test(path) || names.includes('..')) {
    return 'points outside the package';
  }
  if (printable(path) !== path || path.includes('\ufffd')) {
    return 'holds characters that cannot be printed';
  }
  if (names.length > MAX_DEPTH) return `is more than ${MAX_DEPTH} folders deep`;
  for (const name of names) {
    if (name === '' || name === '.') return 'has a part without a name';
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `has a name of more than ${MAX_NAME_BYTES} bytes`;
    if (/[<>:"|?*]/.test(name) || /[ .]$/.test(name) || WINDOWS_DEVICE.test(name)) {
      return `has a name that Windows does not take, "${name}"`;
    }
  }
  return undefined;
}

/** The files and folders of one package, including the parent folders of each path. */
export class PackagePaths {
  /** By the path as seen by a file system that ignores case and Unicode normalization. */
  private readonly known = new Map<string, { readonly path: string; readonly isFolder: boolean }>();

  /** Number of files and folders so far. */
  get count(): number {
    return this.known.size;
  }

  /** @returns What is wrong with the path in relation to the others; undefined if it is valid and has been added. */
  add(path: string, isFolder: boolean): string | undefined {
    const names = path.split('/');
    for (let end = 1; end < names.length; end++) {
      const problem = this.addOne(names.slice(0, end).join('/'), true);
      if (problem !== undefined) return problem;
    }
    return this.addOne(path, isFolder);
  }

  private addOne(path: string, isFolder: boolean): string | undefined {
    const key = path.normalize('NFKC').toLowerCase();
    const known = this.known.get(key);
    if (known === undefined) {
      this.known.set(key, { path, isFolder });
      return undefined;
    }
    if (known.path !== path) return `differs from "${known.path}" only in case or accents`;
    return isFolder && known.isFolder ? undefined : 'appears more than once';
  }
}
