import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../base/disposable-store.js';
import { RateLimiter } from '../base/rate-limiter.js';
import { setUnexpectedErrorHandler } from '../base/unexpected-error.js';
import { ConfigError } from '../config/config-error.js';
import { processFaults } from '../process-host/process-faults.js';
import { BulkheadError, type ErrorCode, ErrorCodes, type ErrorData } from '../protocol/errors.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import type { Printer } from './terminal/printer.js';

/** Errors that the user has to fix before the same command can succeed. Any other may not occur the next time. */
const SETTINGS_ERRORS: ReadonlySet<ErrorCode> = new Set([
  ErrorCodes.configInvalid,
  ErrorCodes.configNotFound,
  ErrorCodes.secretNotFound,
  ErrorCodes.outputNotFound,
  ErrorCodes.sceneNotFound,
  ErrorCodes.sourceNotFound,
  ErrorCodes.overlayNotFound,
  ErrorCodes.inputNotFound,
  ErrorCodes.inputInvalid,
  ErrorCodes.encoderUnknown,
  ErrorCodes.coreAlreadyRunning,
  ErrorCodes.permissionDenied,
  ErrorCodes.pluginInvalid,
  ErrorCodes.pluginNotInstalled,
  ErrorCodes.pluginNeeded,
  ErrorCodes.pluginOtherSource,
  ErrorCodes.pluginChangedSource,
  ErrorCodes.pluginNoVersionBefore,
  ErrorCodes.pluginToolsMissing,
  ErrorCodes.libraryInUse,
  ErrorCodes.libraryDamaged,
  ErrorCodes.platformUnsupported,
]);

/** One line: where, what failed, and what to do. */
export function formatError(data: ErrorData): string {
  const { message, where } = data;
  const place = where === undefined || names(message, where) ? '' : `${where}: `;
  return place + BulkheadError.fromData(data).sentence;
}

/** Whether the message already contains the location as a separate word. */
function names(message: string, where: string): boolean {
  const literal = where.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w-])${literal}(?![\\w-])`).test(message);
}

export function exitCodeOf(code: ErrorCode): number {
  if (code === ErrorCodes.versionMismatch) return ExitCodes.versionMismatch;
  if (code === ErrorCodes.internal) return ExitCodes.crash;
  return SETTINGS_ERRORS.has(code) ? ExitCodes.badSettings : ExitCodes.unavailable;
}

/** Prints why a command failed, and returns its exit code. Only defects are printed with a stack. */
export function reportFailure(error: unknown, stderr: Printer): number {
  if (error instanceof ConfigError) {
    stderr.line(error.message);
    return exitCodeOf(error.code);
  }
  if (error instanceof BulkheadError && error.code !== ErrorCodes.internal) {
    stderr.line(`bulkhead: ${formatError(error.toData())}`);
    return exitCodeOf(error.code);
  }
  reportDefect(error, stderr);
  return ExitCodes.crash;
}

/**
 * From now on uncaught errors are printed, and do not end the process. For commands whose exit would end the broadcast.
 */
export function survivingDefects(stderr: Printer): Disposable {
  const limiter = new RateLimiter({ burst: 3, perSecond: 1 / 60 });
  const report = (error: unknown): void => {
    if (limiter.take()) reportDefect(error, stderr);
  };
  const installed = new DisposableStore();
  installed.add(setUnexpectedErrorHandler(report));
  installed.add(processFaults.surviveWith(({ error }) => report(error)));
  return installed;
}

function reportDefect(error: unknown, stderr: Printer): void {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause =
    error instanceof Error && error.cause instanceof Error ? `\ncaused by: ${error.cause.stack}` : '';
  stderr.line('bulkhead: this is a bug in Bulkhead; please report it with these lines:', `${detail}${cause}`);
}
