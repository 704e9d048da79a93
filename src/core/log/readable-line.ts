import { printable } from '../../base/printable.js';

/** pino's names of its levels. */
const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
};

/**
 * `12:34:56 info  core 1.0.0 runs  pid=77`, of a JSON line of the log, for a terminal.
 */
export function readableLine(json: string): string {
  const { level, time, msg, ...details } = JSON.parse(json) as {
    readonly level: number;
    readonly time: string;
    readonly msg: string;
  } & Readonly<Record<string, unknown>>;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const rest = Object.entries(details).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const text = printable([msg, ...rest].join('  '));
  return `${clock} ${(LEVELS[level] ?? String(level)).padEnd(5)} ${text}\n`;
}
