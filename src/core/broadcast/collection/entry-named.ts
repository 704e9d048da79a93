import { nearest } from '../../../config/nearest.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../../protocol/errors.js';

interface Named {
  readonly id: string;
}

/** @throws BulkheadError with the ids that there are, if none is this one */
export function entryNamed<T extends Named>(
  id: string,
  entries: readonly T[],
  {
    what,
    where,
    code,
    inside = '',
  }: {
    readonly what: string;
    readonly where: string;
    readonly code: ErrorCode;
    /** Where it should be, for people: ` in the scene "main"`. */
    readonly inside?: string;
  },
): T {
  const entry = entries.find((one) => one.id === id);
  if (entry !== undefined) return entry;
  const ids = entries.map((one) => one.id);
  const meant = nearest(id, ids);
  const guess = meant === undefined ? '' : `; did you mean "${meant}"?`;
  throw new BulkheadError(code, `there is no ${what} "${id}"${inside}${guess}`, {
    where: `${where}.${id}`,
    remedy: ids.length === 0 ? 'The broadcast has none.' : `Available: ${ids.join(', ')}.`,
  });
}

/** @param command that changes an entry which exists. @throws BulkheadError `config.invalid` */
export function refuseTaken(
  id: string,
  entries: readonly Named[],
  what: string,
  where: string,
  command: string,
): void {
  if (!entries.some((entry) => entry.id === id)) return;
  throw new BulkheadError(ErrorCodes.configInvalid, `there is ${article(what)} ${what} "${id}" already`, {
    where: `${where}.${id}`,
    remedy: `Choose another id, or change that one with "${command}".`,
  });
}

/** @throws BulkheadError `config.invalid` for a change that gives an entry another id */
export function refuseOtherId(id: string, change: Readonly<Record<string, unknown>>, where: string): void {
  const { id: other = id } = change;
  if (other === id) return;
  throw new BulkheadError(ErrorCodes.configInvalid, 'an id cannot be changed', {
    where: `${where}.${id}.id`,
    remedy: 'Add another one, and remove this one.',
  });
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? 'an' : 'a';
}
