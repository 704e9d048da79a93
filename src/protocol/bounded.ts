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

/** A value of at most `max` elements and members in all, however they are nested. */
export function boundedTree<T extends z.ZodType>(schema: T, max: number) {
  return z
    .custom<z.input<T>>((value) => leftOf(value, max) >= 0, {
      error: `expected at most ${max} values in all`,
      abort: true,
    })
    .pipe(schema as z.ZodType<z.output<T>, z.input<T>>);
}

/** What is left of `max` when everything within the value has been counted; negative as soon as there is more. */
function leftOf(value: unknown, max: number): number {
  let left = max;
  if (typeof value !== 'object' || value === null) return left;
  for (const part of Object.values(value)) {
    left = leftOf(part, left - 1);
    if (left < 0) return left;
  }
  return left;
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
