import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** One error in a plugin's folder: the file, what is wrong, and what is expected. */
export function pluginInvalid(file: string, message: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.pluginInvalid, `${file}: ${message}`, { where: file, remedy });
}

/** `plugin.invalid`: there is no plugin in this folder, or no folder. */
export function notAPlugin(folder: string): BulkheadError {
  return pluginInvalid(
    folder,
    'expected a plugin, which has a package.json',
    'Make one with "bulkhead plugin new NAME".',
  );
}

/** Combines several errors into one: a line for each. */
export function joinErrors(errors: readonly BulkheadError[]): BulkheadError {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  return new BulkheadError(ErrorCodes.pluginInvalid, errors.map(({ message }) => message).join('\n'), {
    where: first?.where,
    remedy: first?.remedy,
  });
}

/** `plugin.failed`: there is no plugin with this id. */
export function noSuchPlugin(id: string): BulkheadError {
  return new BulkheadError(ErrorCodes.pluginFailed, `there is no plugin "${id}"`, {
    where: id,
    remedy: 'See "bulkhead plugin list".',
  });
}
