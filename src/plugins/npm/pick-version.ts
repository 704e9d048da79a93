import semver from 'semver';
import { factsOf, type PackageVersion, type Packument } from './packument.js';
import { registryFailed } from './registry-error.js';

/** The version of a package that an installation or an update takes. */
export interface PickedVersion {
  readonly version: PackageVersion;
  /** A newer one that was wanted, and needs another version of Bulkhead. */
  readonly passedOver?: PackageVersion | undefined;
}

/**
 * Picks as npm does, but of what runs here: where the version of a tag needs a newer Bulkhead, the newest one before that
 * does not.
 *
 * @param wanted A version, a range or a tag; `latest` if it is empty.
 * @throws `registry.failed` if there is none.
 */
export function pickVersion(packument: Packument, wanted: string): PickedVersion {
  const { name, versions, tags } = packument;
  const tag = wanted === '' ? 'latest' : wanted;
  if (semver.valid(tag) !== null) {
    const exact = versions.get(semver.valid(tag) ?? '');
    if (exact !== undefined) return { version: exact };
    throw registryFailed(name, `the package "${name}" has no version ${tag}`, `It has ${listOf(packument)}.`);
  }
  const tagged = tags.get(tag);
  const newest = tagged === undefined ? newestIn(packument, tag) : versions.get(tagged);
  if (newest === undefined) {
    throw registryFailed(
      name,
      `the package "${name}" has no version or tag "${tag}"`,
      `It has ${listOf(packument)}.`,
    );
  }
  if (factsOf(newest).problem === undefined) return { version: newest };
  const isPreRelease = semver.prerelease(newest.version) !== null;
  const usable = [...versions.values()].filter(
    ({ version }) =>
      semver.lt(version, newest.version) &&
      (isPreRelease || semver.prerelease(version) === null) &&
      (tagged !== undefined || semver.satisfies(version, tag)),
  );
  const older = newestOf(usable.filter((version) => runsHere(version)));
  // The error of the unpacked plugin says what it needs.
  return older === undefined ? { version: newest } : { version: older, passedOver: newest };
}

function newestIn({ versions }: Packument, range: string): PackageVersion | undefined {
  if (semver.validRange(range) === null) return undefined;
  return newestOf([...versions.values()].filter(({ version }) => semver.satisfies(version, range)));
}

function newestOf(versions: readonly PackageVersion[]): PackageVersion | undefined {
  return [...versions].sort((one, other) => semver.rcompare(one.version, other.version))[0];
}

function runsHere(version: PackageVersion): boolean {
  return version.engines?.bulkhead !== undefined && factsOf(version).problem === undefined;
}

/** Its tags and newest versions. */
function listOf({ tags, versions }: Packument): string {
  const newest = [...versions.keys()].sort(semver.rcompare).slice(0, 5);
  const named = [...tags.keys()].slice(0, 10).map((tag) => `"${tag}"`);
  return named.length + newest.length === 0 ? 'none' : [...named, ...newest].join(', ');
}
