import { basename } from 'node:path';
import { isatty } from 'node:tty';

export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const STANDARD_STREAMS = [0, 1, 2];

/**
 * Whether the end of the terminal (SIGHUP) is to be ignored, as `nohup` asks for. Node resets a signal that was ignored when
 * it started, and nothing shows afterwards that it was. What can be seen is what `nohup` does besides: it leaves no standard
 * stream on a terminal, so that there is none whose end could matter. Where it keeps standard input (macOS), most shells
 * name it in the environment's `_`.
 */
export function ignoresHangup(env: NodeJS.ProcessEnv, isTerminal: (fd: number) => boolean = isatty): boolean {
  return basename(env['_'] ?? '') === 'nohup' || !STANDARD_STREAMS.some(isTerminal);
}

/** The signals that end this process in order. One that is to be ignored is ignored from now on. */
export function endSignals(env: NodeJS.ProcessEnv = process.env): readonly EndSignal[] {
  if (!ignoresHangup(env)) return ['SIGINT', 'SIGTERM', 'SIGHUP'];
  process.on('SIGHUP', () => {});
  return ['SIGINT', 'SIGTERM'];
}

/**
 * Keeps Node from opening its inspector, through which any process of the same user could run code in this one: a plugin in
 * ours. Without a listener Node does so on SIGUSR1.
 */
export function refuseInspector(): void {
  process.on('SIGUSR1', () => {});
}
