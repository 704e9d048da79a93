import { BulkheadError, type ErrorCode, ErrorCodes } from '../protocol/errors.js';

/** One mistake in what the user wrote, or one thing worth a warning. */
export interface ConfigMistake {
  /** `bulkhead.jsonc:4:12` (line and column from 1), or the flag: `--output`. */
  readonly where: string;
  /** What is wrong, and what would be right: `video.fps: expected a number, got "thirty"`. */
  readonly message: string;
}

/** Every mistake found in the configuration, one a line. */
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
