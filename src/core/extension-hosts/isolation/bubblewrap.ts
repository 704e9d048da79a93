import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { isWithinOrSame } from '../../../base/is-within.js';
import type { CommandLine } from '../../../process-host/parent-death.js';
import { type FileGrants, NO_FILE_GRANTS } from './file-grants.js';

/** The descriptor on which bubblewrap reports the process id of its child. */
export const INFO_FD = 4;

/** A file or folder to be visible in the sandbox. */
export interface Bind {
  readonly source: string;
  /** Read-only if false; a writable one may be missing. */
  readonly writable?: boolean;
  /** Its path in the sandbox; the same path if undefined. */
  readonly target?: string;
}

export interface Sandbox {
  readonly bwrap: string;
  /** Before `binds`, which are visible in them. */
  readonly files?: FileGrants;
  readonly binds: readonly Bind[];
  readonly network: boolean;
  /** Whether to report the process id on {@link INFO_FD}. */
  readonly reportPid: boolean;
}

/** Where distributions keep their libraries: folders, or on most of them links into /usr. */
const LIBRARIES = ['/usr/lib', '/usr/lib32', '/usr/lib64', '/lib', '/lib32', '/lib64', '/etc/ld.so.cache'];
/** Files needed for resolving host names. */
const NAME_SERVICE = [
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/nsswitch.conf',
  '/etc/gai.conf',
  '/etc/services',
];

/**
 * The command line run by bubblewrap in its own file system, which contains only libraries and the `binds` and is read-only
 * except for writable binds, and in its own namespaces: it sees no other process, and without `network` no socket but its
 * control channel. It is killed with the process that launched it.
 */
export function sandboxed(
  { bwrap, files = NO_FILE_GRANTS, binds, network, reportPid }: Sandbox,
  { command, args }: CommandLine,
): CommandLine {
  const own: readonly Bind[] = [{ source: command }, ...binds];
  // What a bind covers is no mount that could be made read-only.
  const masks = files.masks.filter(
    (mask) => !own.some(({ source, target = source }) => isWithinOrSame(mask, target)),
  );
  return {
    command: bwrap,
    args: [
      ...['--unshare-all', '--die-with-parent', '--as-pid-1', '--cap-drop', 'ALL'],
      ...(network ? ['--share-net', ...tryBinds(NAME_SERVICE)] : []),
      ...libraries(),
      ...[
        '--proc',
        '/proc',
        '--dev-bind',
        '/dev/null',
        '/dev/null',
        '--dev-bind',
        '/dev/urandom',
        '/dev/urandom',
      ],
      ...files.grants.flatMap(({ path, realPath }) => ['--ro-bind-try', realPath, path]),
      ...masks.flatMap((path) => ['--tmpfs', path]),
      ...own.flatMap(bindArguments),
      // Only now, since binds make their folders in them. What is written there would count for no limit on memory.
      ...['/', ...masks].flatMap((path) => ['--remount-ro', path]),
      ...['--chdir', '/'],
      ...(reportPid ? ['--info-fd', String(INFO_FD)] : []),
      ...['--', command, ...args],
    ],
  };
}

function bindArguments({ source, target = source, writable = false }: Bind): string[] {
  return [writable ? '--bind-try' : '--ro-bind', source, target];
}

let found: readonly string[] | undefined;

/** Looked up once, when bubblewrap is probed: the disk may hang later, while on air. */
function libraries(): readonly string[] {
  found ??= LIBRARIES.flatMap(libraryArguments);
  return found;
}

function libraryArguments(path: string): string[] {
  if (!existsSync(path)) return [];
  return lstatSync(path).isSymbolicLink()
    ? ['--symlink', readlinkSync(path), path]
    : ['--ro-bind', path, path];
}

function tryBinds(paths: readonly string[]): string[] {
  return paths.flatMap((path) => ['--ro-bind-try', path, path]);
}
