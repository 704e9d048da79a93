import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { RUN_MARK } from '../../process-host/run-mark.js';
import { entryPoint } from './entry-points.js';

/** After what time a guard that has ended is replaced, ms. */
const RESTART_MS = 1000;
/** Marks that wait for a guard which does not take them, bytes: the others are swept at the core's end. */
const MAX_WAITING = 4096;

/** For each line that it reads it ends what carries that mark; when the core is gone, what carries the core's. */
const GUARD = 'while read -r mark; do "$@" "$mark"; done; exec "$@" "$0"';

/** Unguessable: nobody else's process carries it. */
const run = randomBytes(16).toString('hex');
let children = 0;
let guard: ChildProcess | undefined;

/** What the next child of this core is marked with, in its environment ({@link RUN_MARK}). */
export function nextMark(): string {
  children += 1;
  return `${run}.${children}`;
}

/**
 * Starts the process that ends what is left of a part, or of the core, when that has ended in any way: descendants that have left its process
 * group and its session. It is a shell of less than a megabyte that waits for its standard input to close, and starts Node only
 * then. Linux only.
 */
export function startOrphanGuard(script: string = entryPoint('orphan-sweep')): void {
  if (process.platform !== 'linux') return;
  // For the ffmpeg of an encoder that runs inside the core.
  process.env[RUN_MARK] = run;
  launch(script);
}

/** Ends what carries this mark, which a part was given that has ended. Nothing where there is no guard. */
export function sweepOrphans(mark: string): void {
  const input: Writable | null | undefined = guard?.stdin;
  if (input?.writable && input.writableLength < MAX_WAITING) input.write(`${mark}\n`);
}

function launch(script: string): void {
  let child: ChildProcess;
  try {
    child = spawn('/bin/sh', ['-c', GUARD, run, process.execPath, script], {
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: {},
      // Whatever ends the core's process group and session must not end it too.
      detached: true,
    });
  } catch {
    launchLater(script);
    return;
  }
  guard = child;
  // Undefined when descriptors or memory are short, of which `error` is the report.
  child.stdin?.on('error', () => {});
  child.once('error', () => launchLater(script));
  child.once('exit', () => launchLater(script));
  child.unref();
}

function launchLater(script: string): void {
  guard = undefined;
  setTimeout(launch, RESTART_MS, script).unref();
}
