import { printable } from '../../base/printable.js';

/** The levels by their numbers in the log, which are those of pino and bunyan: programs that read their logs read this one. */
export const LEVEL_NUMBERS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50 } as const;
export type EntryLevel = keyof typeof LEVEL_NUMBERS;

const LEVEL_NAMES = new Map<number, string>(
  Object.entries(LEVEL_NUMBERS).map(([name, number]) => [number, name]),
);

/** One entry as a line of JSON: its level, its time, its details and the message. No detail takes the place of those. */
export function logLine(level: EntryLevel, message: string, details?: object): string {
  const head = { level: LEVEL_NUMBERS[level], time: new Date().toISOString() };
  return `${JSON.stringify({ ...head, ...details, ...head, msg: message })}\n`;
}

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
  return `${clock} ${(LEVEL_NAMES.get(level) ?? String(level)).padEnd(5)} ${text}\n`;
}
