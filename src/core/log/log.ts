import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { printable, printableValue } from '../../base/printable.js';
import type { CoreOptions } from '../core-options.js';
import { LogFile } from './log-file.js';
import { type EntryLevel, LEVEL_NUMBERS, logLine, readableLine } from './log-line.js';
import { type LogTarget, LogWriter } from './log-writer.js';

export const Log = Symbol('Log');

/**
 * The core's log: JSON lines, or readable ones in a terminal. Never contains a stream key, a password or a plugin's
 * secret.
 */
export interface Log {
  trace(message: string, details?: object): void;
  debug(message: string, details?: object): void;
  info(message: string, details?: object): void;
  warn(message: string, details?: object): void;
  error(message: string, details?: object): void;
}

/** A log whose lines are written asynchronously. */
export interface OpenLog extends Log {
  /**
   * Resolves when all entries have been written and the file closed, or after `deadlineMs`. For the exit of the process.
   */
  close(deadlineMs: number): Promise<void>;
}

const STDERR = 2;

/** Opens the log. A full disk or a folder that cannot be written loses log lines, but has no effect on the broadcast. */
export function openLog({ logFile, logLevel }: Pick<CoreOptions, 'logFile' | 'logLevel'>): OpenLog {
  const target = logFile === undefined ? new StandardError() : new LogFile(logFile);
  const destination = new LogWriter(
    target,
    ({ code }) => {
      if (logFile !== undefined)
        console.error(`cannot log to ${logFile}: ${code}. Lines of the log are lost.`);
    },
    (lines) => write('warn', `${lines} lines of the log were lost before this one`),
  );
  process.once('exit', () => destination.flushSync());
  const readable = logFile === undefined && isatty(STDERR);
  const lowest = logLevel === 'silent' ? Number.POSITIVE_INFINITY : LEVEL_NUMBERS[logLevel];
  const write = (level: EntryLevel, message: string, details?: object): void => {
    if (LEVEL_NUMBERS[level] < lowest) return;
    const line = logLine(level, printable(message), details && printableValue(details));
    destination.write(readable ? readableLine(line) : line);
  };
  const writer = (level: EntryLevel) => (message: string, details?: object) => write(level, message, details);
  return {
    trace: writer('trace'),
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    close: (deadlineMs) => destination.close(deadlineMs),
  };
}

/** Not rotated: the caller decides where it leads. */
class StandardError implements LogTarget {
  size = regularSize(STDERR);

  async open(): Promise<number> {
    return STDERR;
  }

  openSync(): number {
    return STDERR;
  }

  add(bytes: number): void {
    if (this.size !== undefined) this.size += bytes;
  }

  async close(): Promise<void> {}
}

function regularSize(fd: number): number | undefined {
  const stats = fstatSync(fd);
  return stats.isFile() ? stats.size : undefined;
}
