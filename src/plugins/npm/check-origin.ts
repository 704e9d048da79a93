import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { PackageOrigin, Provenance } from '../../protocol/plugin-management.js';

/** A version that was installed, as far as it is known. */
interface Before {
  readonly version?: string;
  /** Undefined if it was not a package of npm. */
  readonly origin?: PackageOrigin | undefined;
}

/**
 * Compares where a version comes from with where the one before came from.
 *
 * @throws `plugin.changedSource` if somebody else may have published it.
 */
export function checkOrigin(
  { id, version }: { readonly id: string; readonly version: string },
  before: Before | undefined,
  after: PackageOrigin | undefined,
): void {
  const changes = [
    ...(before?.version === version ? changesOfFiles(before.origin, after) : []),
    ...changesOfOrigin(before?.origin, after),
  ];
  if (changes.length === 0) return;
  throw new BulkheadError(ErrorCodes.pluginChangedSource, `"${id}" ${version} ${changes.join('; and it ')}`, {
    where: id,
    remedy:
      'Somebody else may have published it: ask its author. If it is meant, give --accept-changed-source.',
  });
}

/** A version on npm never changes. */
function changesOfFiles(before: PackageOrigin | undefined, after: PackageOrigin | undefined): string[] {
  const isSame =
    before === undefined || after?.package !== before.package || after.integrity === before.integrity;
  return isSame ? [] : ['is not the archive that was installed as this version: its digest differs'];
}

/**
 * What has changed in a way that somebody else may have published it, each to follow the plugin's name. That another
 * package takes a plugin's place is checked by its spec.
 */
export function changesOfOrigin(
  before: PackageOrigin | undefined,
  after: PackageOrigin | undefined,
): readonly string[] {
  if (before === undefined || after === undefined || before.package !== after.package) return [];
  return [
    ...(before.registry === after.registry
      ? []
      : [`is from the registry ${after.registry}, and the version before is from ${before.registry}`]),
    ...changesOfProvenance(before.provenance, after.provenance),
    ...changesOfPublisher(before, after),
  ];
}

function changesOfProvenance(before: Provenance | undefined, after: Provenance | undefined): string[] {
  if (before === undefined) return [];
  if (after === undefined) {
    return [`has no provenance, and the version before was built from ${before.repository}`];
  }
  return [
    ...(isSameRepository(before, after)
      ? []
      : [`was built from ${after.repository}, and the version before from ${before.repository}`]),
    ...(before.verified && !after.verified
      ? [
          `has a provenance that is not verified (${after.reason ?? 'unknown'}), and that of the version before was`,
        ]
      : []),
  ];
}

function changesOfPublisher(before: PackageOrigin, after: PackageOrigin): string[] {
  // Whoever can build from that repository is its publisher, whatever account the registry shows.
  const [one, other] = [before.provenance, after.provenance];
  if (one?.verified === true && other?.verified === true && isSameRepository(one, other)) return [];
  const accepted = accountsOf(before);
  const accounts = after.publisher === undefined ? after.maintainers : [after.publisher];
  const strangers = accounts.filter((name) => !accepted.includes(name));
  if (accepted.length === 0 || (accounts.length > 0 && strangers.length === 0)) return [];
  const expected = quoted(accepted, 'or');
  return accounts.length === 0
    ? [`does not say who has published it; the version before was published by ${expected}`]
    : [`was published by ${quoted(strangers, 'and')}, not by ${expected}`];
}

/** The accounts that may publish the next version. */
function accountsOf({ publisher, maintainers }: PackageOrigin): string[] {
  return [...new Set([...(publisher === undefined ? [] : [publisher]), ...maintainers])];
}

function quoted(names: readonly string[], conjunction: 'and' | 'or'): string {
  return names.map((name) => `"${name}"`).join(` ${conjunction} `);
}

/** Addresses of GitHub and GitLab do not depend on case. */
function isSameRepository(one: Provenance, other: Provenance): boolean {
  return one.repository.toLowerCase() === other.repository.toLowerCase();
}
