import { join } from 'node:path';

/** Permissions and memory limit of a host's Node. */
export interface NodeRights {
  /** Readable files. */
  readonly files: readonly string[];
  /** Readable folders, recursively. */
  readonly folders: readonly string[];
  /** Readable and writable folders, recursively. */
  readonly writable: readonly string[];
  /** Only Node 25 and later can deny it; in the `strict` tier the operating system does. */
  readonly network: boolean;
  /**
   * Whether its inspector may be opened. Before Node 24.12 the permission model forbids that, so the host runs without it; a
   * sandbox still confines it.
   */
  readonly inspected?: boolean;
  /** V8's heap, MB. Buffers are not included. */
  readonly heapMb: number;
  /** File for V8's profile; if undefined, none is recorded. */
  readonly profileLog?: string | undefined;
}

/**
 * Sampling interval of a profiled host, µs. V8's default of 1000 would wake it a thousand times a second, even while idle.
 */
const PROFILE_INTERVAL_US = 10_000;

/**
 * The flags of a plugin host's Node: the permission model with access to a few folders only (no child process, worker,
 * addon or WASI), and V8's flags frozen, since some of them write files. Flags that the running Node does not support are
 * omitted; the host runs on the same version.
 */
export function nodeArguments(
  { files, folders, writable, network, inspected = false, heapMb, profileLog }: NodeRights,
  known: ReadonlySet<string> = process.allowedNodeEnvironmentFlags,
): string[] {
  const whereKnown = (flag: string) => (known.has(flag) ? [flag] : []);
  const permissions = [
    known.has('--permission') ? '--permission' : '--experimental-permission',
    // "/dir*" would include siblings with the same prefix. Duplicates are removed: Node 20 crashes if a folder is given
    // three times.
    ...[...new Set(files)].map((file) => `--allow-fs-read=${file}`),
    ...[...new Set([...folders, ...writable])].map((folder) => `--allow-fs-read=${join(folder, '*')}`),
    ...writable.map((folder) => `--allow-fs-write=${join(folder, '*')}`),
    ...(network ? whereKnown('--allow-net') : []),
    ...(inspected ? whereKnown('--allow-inspector') : []),
  ];
  return [
    ...(inspected && !known.has('--allow-inspector') ? [] : permissions),
    ...(profileLog === undefined ? [] : profileFlags(profileLog)),
    // On SIGINT it prints its stack, even in an endless loop, and exits.
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
