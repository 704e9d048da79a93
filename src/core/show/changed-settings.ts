import { isDeepStrictEqual } from 'node:util';

/** Where a setting is: names, and ids of entries in lists. */
export type SettingPath = readonly string[];

/** What differs between two configurations: `['video', 'bitrateKbps']`, `['outputs', 'main']`. An entry of a list counts as one setting. */
export function changedSettings(before: unknown, after: unknown, at: SettingPath = []): SettingPath[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isGroup(before) && isGroup(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => changedSettings(before[name], after[name], [...at, name]));
  }
  if (!areEntries(before) || !areEntries(after)) return [at];
  const ids = new Set([...before, ...after].map(({ id }) => id));
  const changed = [...ids].filter((id) => !isDeepStrictEqual(entryOf(before, id), entryOf(after, id)));
  // The same in another order.
  return changed.length === 0 ? [at] : changed.map((id) => [...at, id]);
}

interface Entry {
  readonly id: string;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function areEntries(value: unknown): value is readonly Entry[] {
  return Array.isArray(value) && value.every((item) => isGroup(item) && typeof item['id'] === 'string');
}

function entryOf(entries: readonly Entry[], id: string): Entry | undefined {
  return entries.find((entry) => entry.id === id);
}
