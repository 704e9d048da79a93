import { basename } from 'node:path';
import { isatty } from 'node:tty';

export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const STANDARD_STREAMS = [0, 1, 2];

/**
 * Whether SIGHUP (the terminal closed) is to be ignored, as `nohup` requests. Node resets a signal that was ignored at its
 * start, so this cannot be read directly. It can be inferred: `nohup` leaves no standard stream on a terminal. Where it
 * keeps standard input (macOS), most shells name it in the environment variable `_`.
 */
export function ignoresHangup(env: NodeJS.ProcessEnv, isTerminal: (fd: number) => boolean = isatty): boolean {
  return basename(env['_'] ?? '') === 'nohup' || !STANDARD_STREAMS.some(isTerminal);
}

/** The signals that end this process in order. A signal that is to be ignored is ignored from now on. */
export function endSignals(env: NodeJS.ProcessEnv = process.env): readonly EndSignal[] {
  if (!ignoresHangup(env)) return ['SIGINT', 'SIGTERM', 'SIGHUP'];
  process.on('SIGHUP', () => {});
  return ['SIGINT', 'SIGTERM'];
}

/**
 * Prevents Node from opening its inspector, through which any process of the same user, such as a plugin, could run code in
 * this one. Without a listener Node opens it on SIGUSR1.
 */
export function refuseInspector(): void {
  process.on('SIGUSR1', () => {});
}
