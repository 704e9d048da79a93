import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isWithinOrSame } from '../../../base/is-within.js';
import { smallFiles } from '../../disk/small-files.js';

/** Of the system itself, or with sockets of other programs: what a plugin could do there is not reading. */
const SYSTEM = ['/proc', '/sys', '/dev', '/run'];
/** Disks that are plugged in are mounted there. */
const MEDIA = '/run/media';
/** Programs keep sockets below them, and a socket that can be seen can be connected to. */
const SHARED = ['/tmp', '/var/tmp'];

/** Deadline for a disk to answer, ms. */
const ANSWER_MS = 2000;

/** A file or folder that a plugin may read. */
export interface FileGrant {
  /** Absolute, as the plugin names it. */
  readonly path: string;
  /** Links resolved. */
  readonly realPath: string;
  readonly isFolder: boolean;
}

export interface FileGrants {
  readonly grants: readonly FileGrant[];
  /** Folders in granted ones that a plugin must not read all the same; none is in another. */
  readonly masks: readonly string[];
  /** What a plugin cannot read though it may, and why; continues its name. */
  readonly leftOut: readonly string[];
}

/** What is Bulkhead's own, and holds keys. */
export interface OwnFiles {
  readonly folders: readonly string[];
  /** In folders of others. */
  readonly files: readonly string[];
}

export interface FileGrantOptions {
  readonly home: string;
  readonly own: OwnFiles;
  /** Whether what is in a granted folder can be hidden. */
  readonly canMask: boolean;
}

export const NO_FILE_GRANTS: FileGrants = { grants: [], masks: [], leftOut: [] };
export const NO_OWN_FILES: OwnFiles = { folders: [], files: [] };

interface OwnPlace {
  /** Links resolved. */
  readonly path: string;
  /** What is hidden: itself, or the folder that it is in. */
  readonly folder: string;
  /** What is not there yet cannot be hidden. */
  readonly isThere: boolean;
}

/** Looks up the files of scopes of `file:read`. Never rejects. */
export async function findFileGrants(
  scopes: readonly string[],
  { home, own, canMask }: FileGrantOptions,
): Promise<FileGrants> {
  if (scopes.length === 0) return NO_FILE_GRANTS;
  const grants: FileGrant[] = [];
  const masks: string[] = [];
  const leftOut: string[] = [];
  const found = await Promise.all([
    ...own.folders.map((path) => findOwnFolder(path)),
    ...own.files.map((path) => findOwnFile(path)),
  ]);
  for (const scope of scopes) {
    const path = scope.replace(/^~/, home);
    const looked = await lookAt(path);
    const grant = typeof looked === 'string' ? looked : { ...looked, path };
    const problem = typeof grant === 'string' ? grant : findProblem(scope, grant, home, found, canMask);
    if (typeof grant === 'string' || problem !== undefined) {
      leftOut.push(`cannot read "${scope}": ${problem}`);
      continue;
    }
    grants.push(grant);
    for (const { folder } of found) {
      if (isWithinOrSame(folder, grant.realPath))
        masks.push(join(grant.path, relative(grant.realPath, folder)));
    }
  }
  return { grants, masks: outermost(masks), leftOut };
}

/** It is made where it is missing: later it would appear in a granted folder, unhidden. */
async function findOwnFolder(path: string): Promise<OwnPlace> {
  try {
    await smallFiles.answers(path, ANSWER_MS);
    await mkdir(path, { recursive: true, mode: 0o700 });
    const folder = await realpath(path);
    return { path: folder, folder, isThere: true };
  } catch {
    return { path: resolve(path), folder: resolve(path), isThere: false };
  }
}

/** A file that is replaced comes into sight again if only itself is hidden, and so does a draft of it. */
async function findOwnFile(path: string): Promise<OwnPlace> {
  try {
    await smallFiles.answers(path, ANSWER_MS);
    const real = await realpath(path).catch(async () => join(await realpath(dirname(path)), basename(path)));
    return { path: real, folder: dirname(real), isThere: true };
  } catch {
    return { path: resolve(path), folder: dirname(resolve(path)), isThere: false };
  }
}

function outermost(paths: readonly string[]): string[] {
  const isInner = (path: string) => paths.some((other) => other !== path && isWithinOrSame(path, other));
  return [...new Set(paths)].filter((path) => !isInner(path));
}

function findProblem(
  scope: string,
  { realPath }: FileGrant,
  home: string,
  own: readonly OwnPlace[],
  canMask: boolean,
): string | undefined {
  const shared = SHARED.find((folder) => isWithinOrSame(realPath, folder));
  if (shared !== undefined && !isAtHome(realPath, home, shared)) return `${shared} is shared by all programs`;
  if (isWithinOrSame(home, realPath) && scope !== '~')
    return 'your home folder is in it; the permission for that is "file:read:~"';
  if (SYSTEM.some((folder) => isWithinOrSame(realPath, folder)) && !realPath.startsWith(`${MEDIA}/`)) {
    return `${realPath} is a folder of the system`;
  }
  if (own.some(({ path }) => isWithinOrSame(realPath, path))) return "it is one of Bulkhead's own";
  const inIt = own.filter(({ folder }) => isWithinOrSame(folder, realPath));
  if (inIt.some(({ isThere }) => !canMask || !isThere)) {
    return "Bulkhead's own files are in it, which cannot be hidden here";
  }
  if (inIt.some(({ folder }) => folder === realPath)) {
    return "one of Bulkhead's own files, such as the configuration, is directly in it; keep that in a folder of its own";
  }
  return undefined;
}

/** Whether a path below a shared folder is in a home folder that is there, too. */
function isAtHome(realPath: string, home: string, shared: string): boolean {
  return home !== shared && isWithinOrSame(home, shared) && isWithinOrSame(realPath, home);
}

/** What is there, or why it cannot be read. */
async function lookAt(path: string): Promise<Omit<FileGrant, 'path'> | string> {
  try {
    // Asked first, so that no further call is made to a disk that hangs.
    await smallFiles.answers(path, ANSWER_MS);
    const realPath = await realpath(path);
    const stats = await stat(realPath);
    if (!stats.isDirectory() && !stats.isFile()) return 'it is neither a file nor a folder';
    return { realPath, isFolder: stats.isDirectory() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'it is not there' : message;
  }
}
