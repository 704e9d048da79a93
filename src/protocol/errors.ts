import { printable, printableLines } from '../base/printable.js';
import { type ErrorCode, ErrorCodes } from './error-codes.js';

export { type ErrorCode, ErrorCodes };

/** The parts of a {@link BulkheadError} that cross a process boundary, as the `data` of a JSON-RPC error. */
export interface ErrorData {
  /** Never renamed; docs/errors.md lists them. */
  readonly code: ErrorCode;
  /** What failed. For people; it may change. */
  readonly message: string;
  /** What it concerns: a file, an output's id, a plugin's id, a process's role. */
  readonly where?: string;
  /** What the user can do about it, as one sentence. */
  readonly remedy?: string;
}

/**
 * A failure with what failed, where, and what to do. Every error that a user may see is one of these; any other
 * error is a defect and is shown with its stack. Its texts are made printable, whatever their origin.
 */
export class BulkheadError extends Error {
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly remedy: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { where?: string | undefined; remedy?: string | undefined; cause?: unknown } = {},
  ) {
    super(printableLines(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BulkheadError';
    this.code = code;
    this.where = options.where === undefined ? undefined : printable(options.where);
    this.remedy = options.remedy === undefined ? undefined : printableLines(options.remedy);
  }

  /** What failed and what to do, for display. */
  get sentence(): string {
    if (this.remedy === undefined) return this.message;
    return /[.!?\u2026]$/.test(this.message)
      ? `${this.message} ${this.remedy}`
      : `${this.message}. ${this.remedy}`;
  }

  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.where === undefined ? {} : { where: this.where }),
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
    };
  }

  static fromData(data: ErrorData): BulkheadError {
    return new BulkheadError(data.code, data.message, { where: data.where, remedy: data.remedy });
  }

  /** Converts any thrown value to a BulkheadError; returns it unchanged if it already is one. */
  static from(error: unknown, code: ErrorCode = ErrorCodes.internal): BulkheadError {
    if (error instanceof BulkheadError) return error;
    return new BulkheadError(code, error instanceof Error ? error.message : String(error), { cause: error });
  }
}
