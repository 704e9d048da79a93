import { printable } from '../../base/printable.js';

/** Level numbers in the log, those of pino and bunyan: their tools can read this log. */
export const LEVEL_NUMBERS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50 } as const;
export type EntryLevel = keyof typeof LEVEL_NUMBERS;

const LEVEL_NAMES = new Map<number, string>(
  Object.entries(LEVEL_NUMBERS).map(([name, number]) => [number, name]),
);

/** One entry as a line of JSON: level, time, details and message. Details cannot override the other three. */
export function logLine(level: EntryLevel, message: string, details?: object): string {
  const head = { level: LEVEL_NUMBERS[level], time: new Date().toISOString() };
  return `${JSON.stringify({ ...head, ...details, ...head, msg: message })}\n`;
}

/** `12:34:56 info  core 1.0.0 runs  pid=77`: a JSON line of the log, formatted for a terminal. */
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
