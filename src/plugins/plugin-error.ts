import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** One mistake in a plugin's folder: the file, what in it, and what is expected there. */
export function pluginInvalid(file: string, message: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.pluginInvalid, `${file}: ${message}`, { where: file, remedy });
}
