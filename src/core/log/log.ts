import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { pino } from 'pino';
import { printable, printableValue } from '../../base/printable.js';
import type { CoreOptions } from '../core-options.js';
import { LogFile } from './log-file.js';
import { type LogTarget, LogWriter } from './log-writer.js';
import { readableLine } from './readable-line.js';

export const Log = Symbol('Log');

/** The core's log: JSON lines, or readable ones in a terminal. Never a stream key, a password or a plugin's secret. */
export interface Log {
  trace(message: string, details?: object): void;
  debug(message: string, details?: object): void;
  info(message: string, details?: object): void;
  warn(message: string, details?: object): void;
  error(message: string, details?: object): void;
}

/** A log that is being written; its lines reach the disk a moment later. */
export interface OpenLog extends Log {
  /** Resolves when what was logged is written and the file closed, or after `deadlineMs`. For the end of the process. */
  close(deadlineMs: number): Promise<void>;
}

const STDERR = 2;

/** Opens the log. A disk that is full or a folder that cannot be written costs log lines, never the broadcast. */
export function openLog({ logFile, logLevel }: Pick<CoreOptions, 'logFile' | 'logLevel'>): OpenLog {
  const target = logFile === undefined ? new StandardError() : new LogFile(logFile);
  const destination = new LogWriter(
    target,
    ({ code }) => {
      if (logFile !== undefined)
        console.error(`cannot log to ${logFile}: ${code}. Lines of the log are lost.`);
    },
    (lines) => logger.warn(`${lines} lines of the log were lost before this one`),
  );
  process.once('exit', () => destination.flushSync());
  const readable = logFile === undefined && isatty(STDERR);
  const logger = pino(
    { level: logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    readable ? { write: (line) => destination.write(readableLine(line)) } : destination,
  );
  const writer =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (message: string, details?: object) =>
      details === undefined
        ? logger[level](printable(message))
        : logger[level](printableValue(details), printable(message));
  return {
    trace: writer('trace'),
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    close: (deadlineMs) => destination.close(deadlineMs),
  };
}

/** Not rotated: where it leads to is for the caller to say. */
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
