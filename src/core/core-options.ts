import { parseArgs } from 'node:util';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { RunMode } from '../protocol/status/status.js';

export const CoreOptions = Symbol('CoreOptions');

/** Options of this core; passed on its command line, which never contains a secret. */
export interface CoreOptions {
  /** The control socket: a path, or a named pipe on Windows. */
  readonly address: string;
  readonly mode: RunMode;
  /** In `hybrid`, the part that runs as a process. */
  readonly isolate: 'plugins' | 'encoder' | undefined;
  readonly logLevel: LogLevel;
  /** Where the log is written; stderr if undefined. */
  readonly logFile: string | undefined;
  /** Bulkhead's own version. */
  readonly version: string;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const MODES: readonly RunMode[] = ['spawn', 'attach', 'hybrid'];

/** Parses the core's own command line. Throws `config.invalid` for unknown arguments. */
export function parseCoreOptions(argv: readonly string[], version: string): CoreOptions {
  let values: Partial<Record<'address' | 'mode' | 'isolate' | 'log-level' | 'log-file', string>>;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        address: { type: 'string' },
        mode: { type: 'string' },
        isolate: { type: 'string' },
        'log-level': { type: 'string' },
        'log-file': { type: 'string' },
      },
    }));
  } catch (error) {
    throw new BulkheadError(ErrorCodes.configInvalid, (error as Error).message);
  }
  if (values.address === undefined) throw new BulkheadError(ErrorCodes.configInvalid, '--address is missing');
  const mode = oneOf('--mode', values.mode ?? 'attach', MODES);
  const isolate =
    values.isolate === undefined
      ? undefined
      : oneOf('--isolate', values.isolate, ['plugins', 'encoder'] as const);
  if ((mode === 'hybrid') !== (isolate !== undefined)) {
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      '--mode hybrid and --isolate plugins|encoder go together',
    );
  }
  return {
    address: values.address,
    mode,
    isolate,
    logLevel: oneOf('--log-level', values['log-level'] ?? 'info', LOG_LEVELS),
    logFile: values['log-file'],
    version,
  };
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      `${flag}: expected ${allowed.join(', ')}, got "${value}"`,
    );
  }
  return found;
}
