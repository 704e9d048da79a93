import { BulkheadError, type ErrorCode, ErrorCodes } from '../protocol/errors.js';

/** One error in the user's input, or one warning. */
export interface ConfigMistake {
  /** `bulkhead.jsonc:4:12` (line and column from 1), or the flag: `--output`. */
  readonly where: string;
  /** What is wrong, and what is expected: `video.fps: expected a number, got "thirty"`. */
  readonly message: string;
}

/** Every error found in the configuration, one per line. */
export class ConfigError extends BulkheadError {
  readonly mistakes: readonly ConfigMistake[];

  constructor(mistakes: readonly ConfigMistake[], code: ErrorCode = ErrorCodes.configInvalid) {
    super(code, mistakes.map(formatMistake).join('\n'));
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

export function formatMistake({ where, message }: ConfigMistake): string {
  return `${where}: ${message}`;
}
