import { renameSync, statSync } from 'node:fs';
import { pino } from 'pino';
import type { CoreOptions } from '../core-options.js';

export const Log = Symbol('Log');

/** The core's log: JSON lines. Never a stream key, a password or a plugin's secret. */
export interface Log {
  trace(message: string, details?: object): void;
  debug(message: string, details?: object): void;
  info(message: string, details?: object): void;
  warn(message: string, details?: object): void;
  error(message: string, details?: object): void;
}

/** A log file that has grown past this is kept once, as `<file>.1`, when the core starts. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/** Opens the log. A disk that is full or a folder that cannot be written costs log lines, never the broadcast. */
export function openLog({ logFile, logLevel }: Pick<CoreOptions, 'logFile' | 'logLevel'>): Log {
  if (logFile !== undefined) rotate(logFile);
  const destination = pino.destination({
    dest: logFile ?? 2,
    sync: false,
    mkdir: true,
    maxLength: 1024 * 1024,
  });
  destination.on('error', () => {});
  const logger = pino({ level: logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
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

function rotate(file: string): void {
  try {
    if (statSync(file).size > ROTATE_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // No log yet, or one that cannot be moved: the log goes on where it is.
  }
}
