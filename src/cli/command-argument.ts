import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** The strings and the numbers in JSON. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses an argument of a command that is JSON (`3`, `true`, `{"a": 1}`), and leaves others as text: among them a whole number
 * that JavaScript cannot hold exactly, such as an id of 18 digits.
 *
 * @throws `config.invalid` if there is such a number within a list or an object, where text could not take its place.
 */
export function parseCommandArgument(argument: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(argument);
  } catch {
    return argument;
  }
  if (typeof value === 'number') return isExact(argument.trim()) ? value : argument.trim();
  if (typeof value !== 'object') return value;
  const inexact = (argument.match(TOKENS) ?? []).find((token) => !token.startsWith('"') && !isExact(token));
  if (inexact === undefined) return value;
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    `the number ${inexact} is too large to be passed exactly`,
    {
      remedy: `Write it as text, "${inexact}", in ${argument.slice(0, 60)}.`,
    },
  );
}

/** Whether a number in JSON stays the same in JavaScript; fractions are rounded everywhere, and count as the same. */
function isExact(text: string): boolean {
  const value = Number(text);
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}
