import { isDeepStrictEqual } from 'node:util';
import { checkValue } from '../base/check-value.js';
import { ConfigError } from './config-error.js';
import { describeIssue } from './describe-issue.js';
import { knownKeys } from './json-schema.js';
import {
  type BroadcastConfig,
  BroadcastConfigSchema,
  type SourceSound,
  SourceSoundSchema,
} from './schema.js';

type Entries = Pick<BroadcastConfig, 'sources' | 'scenes' | 'overlays'>;

const EntriesSchema = BroadcastConfigSchema.pick({ sources: true, scenes: true, overlays: true });

/**
 * A source, a scene or an overlay as it would stand in the configuration, with every default filled in.
 *
 * @param where the entry's name in mistakes
 * @throws ConfigError with every mistake found
 */
export function parseEntry<List extends keyof Entries>(
  list: List,
  value: unknown,
  where: string,
): Entries[List][number] {
  const written = { [list]: [value] };
  const result = checkValue(EntriesSchema, written, { reportInput: true });
  const entry = result.success ? result.data[list][0] : undefined;
  if (entry !== undefined) return entry;
  const mistakes = (result.error?.issues ?? []).flatMap((issue) => {
    // Without the list and the index.
    const [, , ...path] = issue.path;
    return describeIssue({ ...issue, path }, (at) => knownKeys([list, 0, ...at], written));
  });
  throw new ConfigError(mistakes.map((message) => ({ where, message })));
}

/** How the sound of a source is mixed, as above. @throws ConfigError with every mistake found */
export function parseSound(value: unknown, source: string): SourceSound {
  const result = checkValue(SourceSoundSchema, value, { reportInput: true });
  if (result.success) return result.data;
  const written = { mixer: { sources: { [source]: value } } };
  const mistakes = result.error.issues.flatMap((issue) =>
    describeIssue(issue, (at) => knownKeys(['mixer', 'sources', source, ...at], written)),
  );
  throw new ConfigError(mistakes.map((message) => ({ where: `mixer.sources.${source}`, message })));
}

/** An entry with some of its settings changed; null goes back to what a setting is by itself. Not checked. */
export function withSettings(entry: object, change: Readonly<Record<string, unknown>>): object {
  const all = Object.entries({ ...entry, ...change });
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined));
}

/** What has to be written of an entry: it is the same without the rest. @throws ConfigError like {@link parseEntry} */
export function neededSettings(list: keyof Entries, entry: object): object {
  const whole = parseEntry(list, entry, list);
  const isSame = (value: unknown) =>
    isDeepStrictEqual(checkValue(EntriesSchema, { [list]: [value] }).data?.[list][0], whole);
  return neededOf(entry, isSame) as object;
}

/** The same of a source's sound. */
export function neededSound(sound: SourceSound): object {
  const isSame = (value: unknown) => isDeepStrictEqual(checkValue(SourceSoundSchema, value).data, sound);
  return neededOf(sound, isSame) as object;
}

/** @param isSame whether another value in its place means the same */
function neededOf(value: unknown, isSame: (value: unknown) => boolean): unknown {
  if (Array.isArray(value)) {
    const items = [...value];
    for (const [index, item] of value.entries())
      items[index] = neededOf(item, (other) => isSame(items.with(index, other)));
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const left: Record<string, unknown> = { ...value };
  for (const [name, part] of Object.entries(value)) {
    delete left[name];
    if (!isSame(left)) left[name] = neededOf(part, (other) => isSame({ ...left, [name]: other }));
  }
  return left;
}
