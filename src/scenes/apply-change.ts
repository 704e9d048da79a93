import { isDeepStrictEqual } from 'node:util';

/**
 * Makes the change that leads from one value to another to a third one, which has come of the first: entries of objects and of lists whose entries
 * have an `id` one by one. Where the third has been changed as well, it stays as it is.
 */
export function applyChange<T>(from: T, to: T, onto: T): T {
  return changed(from, to, onto) as T;
}

/** undefined stands for what is not there. */
function changed(from: unknown, to: unknown, onto: unknown): unknown {
  if (onto === from || isDeepStrictEqual(onto, from)) return to;
  if (isDeepStrictEqual(from, to)) return onto;
  if (isList(from) && isList(to) && isList(onto)) return changedList(from, to, onto);
  if (isRecord(from) && isRecord(to) && isRecord(onto)) return changedRecord(from, to, onto);
  return onto;
}

type Entry = { readonly id: string };

function changedRecord(
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
  onto: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const keys = new Set([...Object.keys(onto), ...Object.keys(to)]);
  const own = (record: Readonly<Record<string, unknown>>, key: string) =>
    Object.hasOwn(record, key) ? record[key] : undefined;
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const value = changed(own(from, key), own(to, key), own(onto, key));
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function changedList(from: readonly Entry[], to: readonly Entry[], onto: readonly Entry[]): unknown[] {
  const entry = (list: readonly Entry[], id: string) => list.find((candidate) => candidate.id === id);
  return orderOf(idsOf(from), idsOf(to), idsOf(onto)).flatMap((id) => {
    const value = changed(entry(from, id), entry(to, id), entry(onto, id));
    return value === undefined ? [] : [value];
  });
}

/** All ids, those that are no more in one of the lists among them. */
function orderOf(from: readonly string[], to: readonly string[], onto: readonly string[]): string[] {
  const [base, others] = isDeepStrictEqual(onto, from) ? [to, onto] : [onto, to];
  const order = [...base];
  for (const [index, id] of others.entries()) {
    if (order.includes(id)) continue;
    const before = others[index - 1];
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, id);
  }
  return order;
}

function idsOf(list: readonly Entry[]): string[] {
  return list.map(({ id }) => id);
}

/** Of entries that have ids. */
function isList(value: unknown): value is readonly Entry[] {
  return Array.isArray(value) && value.every((entry) => isRecord(entry) && typeof entry['id'] === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
