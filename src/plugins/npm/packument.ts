import semver from 'semver';
import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';
import { describeIssue } from '../../config/describe-issue.js';
import { engineProblem } from '../manifest.js';
import { pluginId } from '../plugin-name.js';
import type { RegistryClient } from './registry-client.js';
import { registryFailed } from './registry-error.js';

/** Maximum size of what a registry says about one package, MB. */
const MAX_MB = 32;
const MAX_VERSIONS = 10_000;

/** Text of any length that is not used if it is longer than `max`. */
const text = (max: number) => z.string().max(max).optional().catch(undefined);

const Account = z.looseObject({ name: z.string().min(1).max(100) });

/** What is read of a version's manifest; the rest is ignored, and what is wrong is checked when it is unpacked. */
export const VersionSchema = z.looseObject({
  name: z.string().max(214),
  version: z
    .string()
    .max(100)
    .refine((version) => semver.valid(version) === version),
  publisher: text(100),
  displayName: text(100),
  description: text(2000),
  engines: z
    .looseObject({ bulkhead: text(64) })
    .optional()
    .catch(undefined),
  deprecated: text(2000),
  maintainers: z.array(Account).max(100).optional().catch(undefined),
  _npmUser: Account.optional().catch(undefined),
  dist: z.looseObject({
    integrity: text(200),
    attestations: z.looseObject({}).optional().catch(undefined),
  }),
});

const PackumentSchema = z.looseObject({
  name: z.string(),
  'dist-tags': z.record(z.string().max(100), z.string().max(100)),
  versions: z.record(z.string().max(100), z.unknown()),
  maintainers: z.array(Account).max(100).optional().catch(undefined),
  time: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** What a registry says about one version of a package. */
export type PackageVersion = Readonly<z.output<typeof VersionSchema>>;

/** What a registry says about a package. */
export interface Packument {
  readonly name: string;
  readonly registry: string;
  /** Versions by their tags: `latest` and others. */
  readonly tags: ReadonlyMap<string, string>;
  /** Those that could be understood. */
  readonly versions: ReadonlyMap<string, PackageVersion>;
  /** The accounts that may publish now. */
  readonly maintainers: readonly string[];
}

/** @throws `registry.failed`, also if there is no such package. */
export async function fetchPackument(name: string, client: RegistryClient): Promise<Packument> {
  const packument = await findPackument(name, client);
  if (packument !== undefined) return packument;
  throw registryFailed(
    name,
    `the registry ${client.registryOf(name)} has no package "${name}"`,
    'Find plugins by "bulkhead plugin search WORD".',
  );
}

/** @returns Undefined if there is no such package. @throws `registry.failed` */
export async function findPackument(name: string, client: RegistryClient): Promise<Packument | undefined> {
  const registry = client.registryOf(name);
  const answer = await client.get(registry, `/${name.replace('/', '%2f')}`, MAX_MB);
  if (answer === undefined) return undefined;
  const { data, error } = checkValue(PackumentSchema, answer);
  if (data === undefined || data.name !== name || Object.keys(data.versions).length > MAX_VERSIONS) {
    const [issue] = error?.issues ?? [];
    const problem = issue === undefined ? 'it is that of another one' : describeIssue(issue, () => [])[0];
    throw registryFailed(
      name,
      `the registry ${registry} has not answered with a package's document: ${problem}`,
    );
  }
  const versions = Object.entries(data.versions).flatMap(([version, value]) => {
    const { data: one } = checkValue(VersionSchema, value);
    return one?.version === version && one.name === name ? [[version, one] as const] : [];
  });
  return {
    name,
    registry,
    tags: new Map(Object.entries(data['dist-tags'])),
    versions: new Map(versions),
    maintainers: (data.maintainers ?? []).map((account) => account.name),
  };
}

/** The plugin's id, and why it can't run here. */
export function factsOf({ name, publisher, engines }: PackageVersion): {
  readonly id: string;
  /** Undefined if it can, or is no plugin. */
  readonly problem: string | undefined;
} {
  const range = engines?.bulkhead;
  return {
    id: pluginId({ name, publisher }),
    problem: range === undefined ? undefined : engineProblem(range),
  };
}
