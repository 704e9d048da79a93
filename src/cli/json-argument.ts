import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/**
 * Settings given as JSON on the command line: an object, or what else the caller says.
 *
 * @param example what would be right
 * @throws BulkheadError `config.invalid`
 */
export function jsonArgument<T extends object = Record<string, unknown>>(text: string, example: string): T {
  const fail = (message: string) =>
    new BulkheadError(ErrorCodes.configInvalid, message, {
      remedy: `Give JSON in quotes, such as '${example}'.`,
    });
  if (text.trim() === '') throw fail('nothing to change was given');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail(`this is not JSON: ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`);
  }
  if (typeof value !== 'object' || value === null || (Array.isArray(value) && !example.startsWith('[')))
    throw fail(
      `expected ${example.startsWith('[') ? 'a list or an object' : 'an object'}, got ${JSON.stringify(value).slice(0, 60)}`,
    );
  return value as T;
}
