import { mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isatty } from 'node:tty';
import { pino } from 'pino';
import type { CoreOptions } from '../core-options.js';
import { LogWriter } from './log-writer.js';
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

const STDERR = 2;
/** A log file that has grown past this is kept once, as `<file>.1`, when the core starts. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/** Opens the log. A disk that is full or a folder that cannot be written costs log lines, never the broadcast. */
export function openLog({ logFile, logLevel }: Pick<CoreOptions, 'logFile' | 'logLevel'>): Log {
  const fd = logFile === undefined ? STDERR : openFile(logFile);
  const destination = new LogWriter(fd ?? STDERR, ({ code }) => {
    if (fd !== STDERR) console.error(`cannot write to ${logFile}: ${code}. Lines of the log are lost.`);
  });
  process.once('exit', () => destination.flushSync());
  const readable = fd !== undefined && isatty(fd);
  const logger = pino(
    { level: fd === undefined ? 'silent' : logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    readable ? { write: (line) => destination.write(readableLine(line)) } : destination,
  );
  const writer =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (message: string, details?: object) =>
      details === undefined ? logger[level](message) : logger[level](details, message);
  return {
    trace: writer('trace'),
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
}

/** Undefined where the file cannot be opened, which is said: a log in a streamer's terminal would hide what matters. */
function openFile(file: string): number | undefined {
  try {
    mkdirSync(dirname(file), { recursive: true });
    rotate(file);
    return openSync(file, 'a', 0o600);
  } catch (error) {
    console.error(`cannot log to ${file}: ${(error as NodeJS.ErrnoException).code}. There will be no log.`);
    return undefined;
  }
}

function rotate(file: string): void {
  try {
    if (statSync(file).size > ROTATE_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // No log yet, or one that cannot be moved: the log goes on where it is.
  }
}
