import { createHash } from 'node:crypto';
import * as z from '../../../base/zod.js';
import { boundedList } from '../../../protocol/bounded.js';

/** How a list differs from the configuration's: what is kept of a show. */
export type KeptEntries<T> = readonly KeptEntry<T>[];

interface KeptEntry<T> {
  readonly id: string;
  /**
   * Fingerprints of the configuration's entry: at the time, and as it was saved since, which a broadcast that goes on does not read.
   * {@link ABSENT} where it had none of this id.
   */
  readonly bases: string[];
  /** The entry, unless it was removed. */
  readonly entry?: T | undefined;
}

interface Named {
  readonly id: string;
}

/** In the place of a fingerprint. */
const ABSENT = '';
/** How often an entry may be saved before the first of these is forgotten. */
const MOST_BASES = 20;

/**
 * @param max entries
 * @param maxId characters of an id
 */
export function keptEntriesSchema<T extends z.ZodType>(entry: T, max: number, maxId = 64) {
  const kept = z.strictObject({
    id: z.string().min(1).max(maxId),
    bases: boundedList(z.string().max(64), MOST_BASES),
    entry: entry.optional(),
  });
  return boundedList(kept, max);
}

/**
 * What has to be kept so that {@link applyEntries} makes `wanted` of the configuration.
 *
 * @param saved fingerprints of entries as they were saved since, by their ids
 */
export function keptEntries<T extends Named>(
  configured: readonly T[],
  wanted: readonly T[],
  saved: ReadonlyMap<string, readonly string[]> = new Map(),
): KeptEntry<T>[] {
  const ids = new Set([...configured, ...wanted].map(({ id }) => id).concat(...saved.keys()));
  return [...ids].flatMap((id) => {
    const entry = wanted.find((one) => one.id === id);
    const bases = [...new Set([...(saved.get(id) ?? []), fingerprintOf(id, configured)])];
    if (bases.every((base) => base === fingerprintOf(id, wanted))) return [];
    return [{ id, bases: bases.slice(-MOST_BASES), ...(entry === undefined ? {} : { entry }) }];
  });
}

/**
 * The configuration's list with what was changed on air. A change counts only as long as the configuration says of that entry what it said
 * then: who edits it wants the edit.
 */
export function applyEntries<T extends Named>(configured: readonly T[], kept: KeptEntries<T>): T[] {
  const own = configured.flatMap((entry) => {
    const change = kept.find(({ id }) => id === entry.id);
    if (change === undefined || !change.bases.includes(fingerprint(entry))) return [entry];
    return change.entry === undefined ? [] : [change.entry];
  });
  const added = kept.flatMap(({ id, bases, entry }) => {
    const isAdded = bases.includes(ABSENT) && entry !== undefined && !configured.some((one) => one.id === id);
    return isAdded ? [entry] : [];
  });
  return [...own, ...added];
}

/** Fingerprints of the entries that {@link applyEntries} restores, by their ids. */
export function basesOf(
  kept: KeptEntries<unknown>,
  configured: readonly Named[],
): ReadonlyMap<string, readonly string[]> {
  const restored = kept.filter(({ id, bases }) => bases.includes(fingerprintOf(id, configured)));
  return new Map(restored.map(({ id, bases }) => [id, bases]));
}

/** {@link ABSENT} where the list has none of this id. */
export function fingerprintOf(id: string, list: readonly Named[]): string {
  const entry = list.find((one) => one.id === id);
  return entry === undefined ? ABSENT : fingerprint(entry);
}

/** The same for the same settings, in whatever order they are written. */
export function fingerprint(value: object): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

/** With the names of each object in order, and without what is undefined. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, part]) => [name, sorted(part)]);
}
