import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { dyingWithParent } from '../process-host/parent-death.js';
import { mediaEnvironment } from './media-environment.js';

export interface ToolOutput {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It was killed at its deadline. */
  readonly timedOut: boolean;
}

export interface ToolOptions {
  readonly deadlineMs: number;
  /** Kills it, and rejects. */
  readonly signal?: AbortSignal | undefined;
  /** What it reads from its standard input; nothing without it. */
  readonly input?: Buffer;
  /** Of its standard output; UTF-8 without it. A character of `latin1` is a byte. */
  readonly encoding?: 'utf8' | 'latin1';
}

const MAX_OUTPUT_CHARACTERS = 1024 * 1024;

/**
 * Runs ffmpeg, or a similar tool, to completion and returns its output. Rejects if it cannot be
 * started.
 */
export function runTool(
  path: string,
  args: readonly string[],
  { deadlineMs, signal, input, encoding = 'utf8' }: ToolOptions,
): Promise<ToolOutput> {
  return new Promise((resolve, reject) => {
    const line = dyingWithParent({ command: path, args });
    const child = spawn(line.command, line.args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: mediaEnvironment(),
      windowsHide: true,
      killSignal: 'SIGKILL',
      signal,
    }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
    // It may end without having read all of it.
    child.stdin?.on('error', () => {}).end(input);
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
      // Its child processes may hold them open after its exit.
      child.stdout.destroy();
      child.stderr.destroy();
    }, deadlineMs);
    child.stdout.setEncoding(encoding).on('data', (text: string) => {
      if (stdout.length < MAX_OUTPUT_CHARACTERS) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < MAX_OUTPUT_CHARACTERS) stderr += text;
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, exitSignal) => {
      clearTimeout(timer);
      resolve({ code, signal: exitSignal, stdout, stderr, timedOut });
    });
  });
}
