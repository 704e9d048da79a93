import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';
import { pluginId } from '../plugin-name.js';
import { VersionSchema } from './packument.js';
import type { RegistryClient } from './registry-client.js';
import { registryFailed } from './registry-error.js';

/** What marks a package as a plugin. */
const KEYWORD = 'bulkhead-plugin';

/** Maximum size of the answer to a search, and of one version's manifest, MB. */
const MAX_MB = 8;
const MAX_MANIFEST_MB = 1;

/** Manifests read at a time. */
const AT_ONCE = 5;

const text = (max: number) => z.string().max(max).optional().catch(undefined);

const Found = z.looseObject({
  name: z.string().regex(/^(@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*$/),
  version: z.string().regex(/^[0-9A-Za-z.+-]{1,100}$/),
  description: text(10_000),
  keywords: z.array(z.unknown()).max(1000).optional().catch(undefined),
  date: text(100),
  publisher: z
    .looseObject({ username: text(200), name: text(200) })
    .optional()
    .catch(undefined),
});

const Answer = z.looseObject({ objects: z.array(z.unknown()).max(1000) });

/** A plugin in a registry. */
export interface FoundPlugin {
  /** Its id; undefined if its manifest can't be read. */
  readonly id: string | undefined;
  readonly package: string;
  readonly version: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** The account that has published it. */
  readonly publisher: string | undefined;
  /** When, ISO 8601. */
  readonly date: string | undefined;
}

/**
 * Searches for plugins.
 *
 * @param limit Most that are found.
 * @throws `registry.failed`
 */
export async function searchPlugins(
  words: string,
  limit: number,
  client: RegistryClient,
): Promise<FoundPlugin[]> {
  const registry = client.registryOf('');
  const query = new URLSearchParams({ text: `keywords:${KEYWORD} ${words}`.trim(), size: String(limit) });
  const answer = await client.get(registry, `/-/v1/search?${query}`, MAX_MB);
  if (answer === undefined) {
    throw registryFailed(
      registry,
      `the registry ${registry} has no search`,
      'Install by the name of a package: bulkhead plugin install NAME.',
    );
  }
  const { data } = checkValue(Answer, answer);
  if (data === undefined) {
    throw registryFailed(registry, `the registry ${registry} has not answered with what a search finds`);
  }
  const found = data.objects.flatMap((object) => {
    const { data: one } = checkValue(z.looseObject({ package: Found }), object);
    // A registry may take the keyword for any word.
    return one?.package.keywords?.includes(KEYWORD) === true ? [one.package] : [];
  });
  return inGroups(found.slice(0, limit), AT_ONCE, (one) => describe(one, client));
}

async function describe(found: z.output<typeof Found>, client: RegistryClient): Promise<FoundPlugin> {
  const { name, version, description, publisher, date } = found;
  const facts = {
    package: name,
    version,
    description,
    publisher: publisher?.username ?? publisher?.name,
    date,
  };
  const manifest = await client
    .get(client.registryOf(name), `/${name.replace('/', '%2f')}/${version}`, MAX_MANIFEST_MB)
    .catch(() => undefined);
  const { data } = checkValue(VersionSchema, manifest);
  if (data?.name !== name) return { id: undefined, title: undefined, ...facts };
  return { id: pluginId({ name, publisher: data.publisher }), title: data.displayName, ...facts };
}

/** Does the work for all values, so many at a time; results in the order of the values. */
export async function inGroups<T, R>(
  values: readonly T[],
  size: number,
  work: (value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < values.length; start += size) {
    results.push(...(await Promise.all(values.slice(start, start + size).map(work))));
  }
  return results;
}
