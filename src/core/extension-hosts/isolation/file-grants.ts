import { realpath, stat } from 'node:fs/promises';
import { smallFiles } from '../../disk/small-files.js';
import { isInside } from './api-package.js';

/** Of the system itself, or with sockets of other programs: what a plugin could do there is not reading. */
const SYSTEM = ['/proc', '/sys', '/dev', '/run'];
/** Disks that are plugged in are mounted there. */
const MEDIA = '/run/media';
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

/** Something in a granted folder that a plugin must not read all the same. */
export type Mask = Pick<FileGrant, 'path' | 'isFolder'>;

export interface FileGrants {
  readonly grants: readonly FileGrant[];
  readonly masks: readonly Mask[];
  /** What a plugin cannot read though it may, and why; continues its name. */
  readonly leftOut: readonly string[];
}

export interface FileGrantOptions {
  readonly home: string;
  /** Bulkhead's own files and folders, which hold keys. */
  readonly own: readonly string[];
  /** Whether what is in a granted folder can be hidden. */
  readonly canMask: boolean;
}

export const NO_FILE_GRANTS: FileGrants = { grants: [], masks: [], leftOut: [] };

/** Looks up the files of scopes of `file:read`. Never rejects. */
export async function findFileGrants(
  scopes: readonly string[],
  { home, own, canMask }: FileGrantOptions,
): Promise<FileGrants> {
  const grants: FileGrant[] = [];
  const masks: Mask[] = [];
  const leftOut: string[] = [];
  const found = await Promise.all(own.map((path) => lookAt(path, true)));
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
    for (const one of found) {
      if (typeof one === 'string' || !isInside(grant.realPath, one.realPath)) continue;
      masks.push({ path: one.realPath.replace(grant.realPath, grant.path), isFolder: one.isFolder });
    }
  }
  return { grants, masks, leftOut };
}

function findProblem(
  scope: string,
  { realPath }: FileGrant,
  home: string,
  own: readonly (Omit<FileGrant, 'path'> | string)[],
  canMask: boolean,
): string | undefined {
  if (SHARED.includes(realPath)) return `${realPath} is shared by all programs`;
  if (isInside(realPath, home) && scope !== '~')
    return 'your home folder is in it; the permission for that is "file:read:~"';
  if (SYSTEM.some((folder) => isInside(folder, realPath)) && !realPath.startsWith(`${MEDIA}/`)) {
    return `${realPath} is a folder of the system`;
  }
  const files = own.filter((one) => typeof one !== 'string');
  if (files.some((one) => isInside(one.realPath, realPath))) return "it is one of Bulkhead's own";
  if (!canMask && files.some((one) => isInside(realPath, one.realPath))) {
    return "Bulkhead's own files are in it, which cannot be hidden here";
  }
  return undefined;
}

/** What is there, or why it cannot be read. @param isOwn whether it may be a socket */
async function lookAt(path: string, isOwn = false): Promise<Omit<FileGrant, 'path'> | string> {
  try {
    // Asked first, so that no further call is made to a disk that hangs.
    await smallFiles.answers(path, ANSWER_MS);
    const realPath = await realpath(path);
    const stats = await stat(realPath);
    if (!isOwn && !stats.isDirectory() && !stats.isFile()) return 'it is neither a file nor a folder';
    return { realPath, isFolder: stats.isDirectory() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'it is not there' : message;
  }
}
