import * as z from 'zod';

/**
 * Schemas for what comes from another process. Their bounds are looked at before what is within: zod checks each element of an
 * array before it counts them, and has an issue to report for each.
 */

/** An array of at most `max` elements. */
export function boundedList<T extends z.ZodType>(item: T, max: number) {
  return z
    .custom<unknown[]>((value) => Array.isArray(value) && value.length <= max, {
      error: `expected a list of at most ${max}`,
      abort: true,
    })
    .pipe(z.array(item));
}

/** An object with at most `max` members, whose names have at most 400 characters. */
export function boundedRecord<T extends z.ZodType>(value: T, max: number) {
  return z
    .custom<Record<string, unknown>>(
      (record) =>
        typeof record === 'object' && record !== null && !Array.isArray(record) && hasAtMost(record, max),
      { error: `expected an object with at most ${max} members`, abort: true },
    )
    .pipe(z.record(z.string().max(400), value));
}

function hasAtMost(record: object, max: number): boolean {
  let count = 0;
  for (const _ in record) if (++count > max) return false;
  return true;
}

/** Longest description of a mistake, characters. */
const MAX_MISTAKE = 300;

/** The first thing that is wrong with a message: the place, and what was expected there. */
export function firstMistake({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return 'it is not valid';
  const text =
    issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`;
  return text.length > MAX_MISTAKE ? `${text.slice(0, MAX_MISTAKE)}…` : text;
}
