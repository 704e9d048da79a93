import * as z from '../base/zod.js';

/**
 * Schemas for data from another process. Their bounds are checked before the content: zod checks each element of an array
 * before it counts them, and reports an issue for each.
 */

/** A list or an object of at most `max` entries. Its own schema is checked only then. */
export function bounded<T extends z.ZodType>(schema: T, max: number) {
  return z.preprocess((value, context) => {
    const count = entryCount(value);
    if (count <= max) return value;
    const message = `expected at most ${max} entries, got ${count}`;
    context.addIssue({ code: 'custom', input: value, message });
    return z.NEVER;
  }, schema);
}

/** A list of at most `max` elements. */
export function boundedList<T extends z.ZodType>(item: T, max: number) {
  return bounded(z.array(item), max);
}

/** An object with at most `max` members, whose names have at most 400 characters. */
export function boundedRecord<T extends z.ZodType>(value: T, max: number) {
  return bounded(z.record(z.string().max(400), value), max);
}

/** A value of at most `max` elements and members in total, at any depth. */
export function boundedTree<T extends z.ZodType>(schema: T, max: number) {
  return z
    .custom<z.input<T>>((value) => leftOf(value, max) >= 0, {
      error: `expected at most ${max} values in all`,
      abort: true,
    })
    .pipe(schema as z.ZodType<z.output<T>, z.input<T>>);
}

/** A string of at most `max` characters. Longer ones are not checked further, since later checks may be slow. */
export function text(max: number): z.ZodString {
  return z.string().max(max, {
    abort: true,
    // zod also checks the length of objects.
    error: ({ input }) =>
      typeof input === 'string' ? `expected at most ${max} characters, got ${input.length}` : 'expected text',
  });
}

/** What remains of `max` after counting everything within the value; negative as soon as there is more. */
function leftOf(value: unknown, max: number): number {
  let left = max;
  if (typeof value !== 'object' || value === null) return left;
  for (const part of Object.values(value)) {
    left = leftOf(part, left - 1);
    if (left < 0) return left;
  }
  return left;
}

function entryCount(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Maximum length of an error description, characters. */
const MAX_MISTAKE = 300;

/** The first error in a message: where it is, and what was expected there. */
export function firstMistake({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return 'it is not valid';
  const text =
    issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`;
  return text.length > MAX_MISTAKE ? `${text.slice(0, MAX_MISTAKE)}…` : text;
}
