import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { CommandLine } from '../../../process-host/parent-death.js';

/** The descriptor on which bubblewrap tells the process id of what it has started. */
export const INFO_FD = 4;

/** A file or folder that is there inside. */
export interface Bind {
  readonly source: string;
  /** Read-only without it; one that is writable may be missing. */
  readonly writable?: boolean;
  /** Where it is found inside; the same path without it. */
  readonly target?: string;
}

export interface Sandbox {
  readonly bwrap: string;
  readonly binds: readonly Bind[];
  readonly network: boolean;
  /** Whether it tells the process id on {@link INFO_FD}. */
  readonly tellPid: boolean;
}

/** Where a distribution keeps its libraries: folders, or on most of them links into /usr. */
const LIBRARIES = ['/usr/lib', '/usr/lib32', '/usr/lib64', '/lib', '/lib32', '/lib64', '/etc/ld.so.cache'];
/** What looking up a host's name reads. */
const NAME_SERVICE = [
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/nsswitch.conf',
  '/etc/gai.conf',
  '/etc/services',
];

/**
 * The command line run by bubblewrap in a file system of its own, which holds libraries, the `binds` and nothing else and is
 * read-only but for what is bound writable, and in namespaces of its own: it sees no other process, and without `network` no socket but its control
 * channel. It dies with the process that launched it.
 */
export function sandboxed(
  { bwrap, binds, network, tellPid }: Sandbox,
  { command, args }: CommandLine,
): CommandLine {
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
      ...['--ro-bind', command, command],
      ...binds.flatMap(bindArguments),
      ...['--remount-ro', '/', '--chdir', '/'],
      ...(tellPid ? ['--info-fd', String(INFO_FD)] : []),
      ...['--', command, ...args],
    ],
  };
}

function bindArguments({ source, target = source, writable = false }: Bind): string[] {
  return [writable ? '--bind-try' : '--ro-bind', source, target];
}

let found: readonly string[] | undefined;

/** Looked up once, when it is found out whether bubblewrap works: the disk may hang later, while on air. */
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
