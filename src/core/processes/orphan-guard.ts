import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { RUN_MARK } from '../../process-host/run-mark.js';
import { entryPoint } from './entry-points.js';

/** Delay before a guard that has exited is replaced, ms. */
const RESTART_MS = 1000;
/**
 * Maximum size of queued marks that the guard has not read, bytes: the processes of further marks are killed when the core
 * exits.
 */
const MAX_WAITING = 4096;

/** What the guard reads when there are processes that finish something once the core has exited. */
const LATE = 'late';
/** How long these may take then, ms. */
const LATE_MS = 7000;

/**
 * Kills the processes with the mark in each line that it reads, those with the core's mark when the core has exited, and then those that
 * finish something, if there are any and they take too long.
 */
const GUARD = `late=; while read -r mark; do if [ "$mark" = ${LATE} ]; then late=1; else "$@" "$mark"; fi; done
[ "$late" ] || exec "$@" "$0"; "$@" "$0"; exec "$@" "$0-${LATE}" ${LATE_MS}`;

/** Random, so that no process of anyone else has it. */
const run = randomBytes(16).toString('hex');
let children = 0;
let guard: ChildProcess | undefined;
let hasLate = false;

/** The mark for the environment of this core's next child ({@link RUN_MARK}). */
export function nextMark(): string {
  children += 1;
  return `${run}.${children}`;
}

/** The same for a child that has something to finish when the core has exited. */
export function nextLateMark(): string {
  children += 1;
  if (!hasLate) tell(LATE);
  hasLate = true;
  return `${run}-${LATE}.${children}`;
}

/**
 * Starts the process that kills what remains of a part, or of the core, after it has exited: descendants that have left its
 * process group and its session. It is a shell of less than a megabyte that waits for its standard input to close, and starts
 * Node only then. Linux only.
 */
export function startOrphanGuard(script: string = entryPoint('orphan-sweep')): void {
  if (process.platform !== 'linux') return;
  // For the ffmpeg of an encoder that runs inside the core.
  process.env[RUN_MARK] = run;
  launch(script);
}

/** Kills the processes with the mark of a part that has ended. Does nothing if there is no guard. */
export function sweepOrphans(mark: string): void {
  tell(mark);
}

function tell(line: string): void {
  const input: Writable | null | undefined = guard?.stdin;
  if (input?.writable && input.writableLength < MAX_WAITING) input.write(`${line}\n`);
}

function launch(script: string): void {
  let child: ChildProcess;
  try {
    child = spawn('/bin/sh', ['-c', GUARD, run, process.execPath, script], {
      stdio: ['pipe', 'ignore', 'ignore'],
      cwd: '/',
      env: {},
      // Not in the core's process group and session, so that it survives when those are killed.
      detached: true,
    });
  } catch {
    launchLater(script);
    return;
  }
  guard = child;
  if (hasLate) tell(LATE);
  // Undefined when descriptors or memory are short; `error` reports that.
  child.stdin?.on('error', () => {});
  child.once('error', () => launchLater(script));
  child.once('exit', () => launchLater(script));
  child.unref();
}

function launchLater(script: string): void {
  guard = undefined;
  setTimeout(launch, RESTART_MS, script).unref();
}
