import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { GATE_FD, GATE_OPEN, PROGRESS_FD } from '../../src/encoder/ffmpeg-arguments.js';

/**
 * The command of a running encoder's ffmpeg, as a program of its own would have to use it: the same input and encoding,
 * but ffmpeg publishes to `url` itself.
 */
export function plainCommand(ffmpegPid: number, url: string): string[] {
  const argv = readFileSync(`/proc/${ffmpegPid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  const output = argv.lastIndexOf('pipe:1');
  if (output === -1) throw new Error(`ffmpeg ${ffmpegPid} does not write to pipe:1: ${argv.join(' ')}`);
  argv[output] = url;
  return argv;
}

/**
 * Starts a command made by {@link plainCommand}. Its stdin stays open, as the encoder's does; its progress (descriptor 3)
 * is read and forgotten, and its gate (descriptor 4) is open from the beginning.
 */
export function startPlain(
  [file = '', ...args]: readonly string[],
  stdout: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  const child = spawn(file, args, { stdio: ['pipe', stdout, 'ignore', 'pipe', 'pipe'] });
  (child.stdio[PROGRESS_FD] as Readable).resume();
  (child.stdio[GATE_FD] as Writable).end(GATE_OPEN);
  return child;
}

/** Ends it, and says so when it had ended by itself: what was measured was not what was meant. */
export async function endPlain(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) throw new Error(`plain ffmpeg ended by itself with ${child.exitCode}`);
  child.kill('SIGKILL');
  await once(child, 'close');
}
