import { execFile } from 'node:child_process';
import { findProgram } from '../../../process-host/find-program.js';
import type { IsolationTier } from '../../../protocol/status/extension-host-status.js';
import { sandboxed } from './bubblewrap.js';

/** How plugin hosts are isolated from the rest of this machine. */
export interface Isolation {
  /** `none` for plugins that run inside the core. */
  readonly tier: IsolationTier;
  /** bubblewrap, in the `strict` tier. */
  readonly bwrap: string | undefined;
  /** util-linux's prlimit, which limits a process' total memory. */
  readonly prlimit: string | undefined;
  /** Why the tier is not `strict`, for the log and `bulkhead doctor`. */
  readonly reason: string | undefined;
}

/** A bubblewrap that has not started within this time counts as not working, ms. */
const PROBE_DEADLINE_MS = 3000;

/**
 * Determines what this machine can enforce by running bubblewrap once: it may be installed but not permitted to
 * work.
 *
 * @param searchPath Where to search for programs; PATH if undefined.
 */
export async function probeIsolation(searchPath?: string): Promise<Isolation> {
  const prlimit = process.platform === 'linux' ? findProgram('prlimit', searchPath) : undefined;
  const standard = (reason: string): Isolation => ({ tier: 'standard', bwrap: undefined, prlimit, reason });
  if (process.platform !== 'linux') return standard('bubblewrap is available on Linux only');
  const bwrap = findProgram('bwrap', searchPath);
  if (bwrap === undefined) return standard('bubblewrap is not installed');
  const failure = await probe(bwrap);
  if (failure !== undefined) return standard(`bubblewrap does not work here: ${failure}`);
  return { tier: 'strict', bwrap, prlimit, reason: undefined };
}

/** Runs what a host will be run by. Returns the first line of the error, if there was one. */
function probe(bwrap: string): Promise<string | undefined> {
  const node = { command: process.execPath, args: ['--version'] };
  const { command, args } = sandboxed({ bwrap, binds: [], network: false, reportPid: false }, node);
  return new Promise((resolve) => {
    execFile(command, args, { env: {}, timeout: PROBE_DEADLINE_MS }, (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else resolve(stderr.split('\n', 1)[0] || error.message);
    });
  });
}

/**
 * Describes what is enforced here and what is not, in one sentence.
 *
 * @param isolation Undefined if plugins run inside the core.
 */
export function describeIsolation(isolation: Isolation | undefined): string {
  if (isolation === undefined) return 'plugins run inside the core: nothing isolates them from this computer';
  const { tier, reason, prlimit } = isolation;
  const memory = prlimit === undefined ? '' : ', memory bounded';
  if (tier === 'strict') {
    return `plugins are isolated strictly: files, network and processes are kept from them by the operating system${memory}`;
  }
  const node25 = process.allowedNodeEnvironmentFlags.has('--allow-net');
  const open = node25
    ? 'signals to your other processes, and every host to those that may connect to some,'
    : 'the network, whatever hosts their permissions name, and signals to your other processes';
  return (
    `plugins are isolated by Node's permission model: no files but their own, no programs${memory}; ` +
    `${open} are open to them (${reason})`
  );
}
