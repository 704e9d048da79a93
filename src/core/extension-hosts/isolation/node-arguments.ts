import { join } from 'node:path';

/** What a host's Node may do, and how much memory it may use. */
export interface NodeRights {
  /** Files that may be read. */
  readonly files: readonly string[];
  /** Folders that may be read, with all that is in them. */
  readonly folders: readonly string[];
  /** Folders that may be read and written, with all that is in them. */
  readonly writable: readonly string[];
  /** Only Node 25 and later can refuse it; in the `strict` tier the operating system does. */
  readonly network: boolean;
  /** Of V8's heap, MB. Buffers are outside of it. */
  readonly heapMb: number;
  /** Where V8 writes its profile to; without it, it makes none. */
  readonly profileLog?: string | undefined;
}

/**
 * How often a profiled host is looked at, µs. V8's own 1000 would wake it a thousand times a second, also while it is idle.
 */
const PROFILE_INTERVAL_US = 10_000;

/**
 * The flags of a plugin host's Node: the permission model with nothing granted but a few folders (no
 * child process, worker, addon or WASI), and V8's flags frozen, since some of them write files. What the running
 * Node does not know is left out, and the host runs on the same one.
 */
export function nodeArguments(
  { files, folders, writable, network, heapMb, profileLog }: NodeRights,
  known: ReadonlySet<string> = process.allowedNodeEnvironmentFlags,
): string[] {
  const whereKnown = (flag: string) => (known.has(flag) ? [flag] : []);
  return [
    known.has('--permission') ? '--permission' : '--experimental-permission',
    ...files.map((file) => `--allow-fs-read=${file}`),
    // "/dir*" would grant the siblings whose names begin alike. Each once: Node 20 crashes when one is given three times.
    ...[...new Set([...folders, ...writable])].map((folder) => `--allow-fs-read=${join(folder, '*')}`),
    ...writable.map((folder) => `--allow-fs-write=${join(folder, '*')}`),
    ...(network ? whereKnown('--allow-net') : []),
    ...(profileLog === undefined ? [] : profileFlags(profileLog)),
    // On SIGINT it prints where it is, also in an endless loop, and ends.
    '--trace-sigint',
    '--freeze-flags-after-init',
    `--max-old-space-size=${heapMb}`,
    '--disable-warning=ExperimentalWarning',
    ...whereKnown('--no-experimental-sqlite'),
    ...whereKnown('--disable-sigusr1'),
  ];
}

function profileFlags(log: string): string[] {
  return [
    '--prof',
    '--no-logfile-per-isolate',
    `--logfile=${log}`,
    `--prof-sampling-interval=${PROFILE_INTERVAL_US}`,
  ];
}
