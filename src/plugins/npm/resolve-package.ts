import type { PackageOrigin } from '../../protocol/plugin-management.js';
import { sourceOf } from '../library/package-source.js';
import { pluginInvalid } from '../plugin-error.js';
import { fetchPackument, type Packument } from './packument.js';
import { type PickedVersion, pickVersion } from './pick-version.js';
import { fetchProvenance } from './provenance.js';
import type { RegistryClient } from './registry-client.js';

/** A version of a package, and where it comes from. */
export interface ResolvedPackage extends PickedVersion {
  readonly origin: PackageOrigin;
}

/**
 * Finds the version of a package that is to be installed.
 *
 * @param spec As in npm: `NAME`, `NAME@VERSION`, `NAME@RANGE` or `NAME@TAG`.
 * @throws `registry.failed`; `plugin.invalid` if its provenance is forged.
 */
export async function resolvePackage(spec: string, client: RegistryClient): Promise<ResolvedPackage> {
  const packument = await fetchPackument(sourceOf(spec), client);
  const picked = pickVersion(packument, wantedIn(spec));
  return { ...picked, origin: await originOf(packument, picked.version.version, client) };
}

/** What a spec wants of a package: `next` of `@someone/chat@next`; empty if it says nothing. */
export function wantedIn(spec: string): string {
  return spec.slice(sourceOf(spec).length + 1);
}

/** Where a version of the package comes from. @throws as {@link resolvePackage} */
export async function originOf(
  { name, registry, versions, maintainers }: Packument,
  version: string,
  client: RegistryClient,
): Promise<PackageOrigin> {
  const found = versions.get(version);
  const integrity = found?.dist.integrity;
  if (found === undefined || integrity === undefined || !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)) {
    throw pluginInvalid(
      `${name}@${version}`,
      `the registry ${registry} does not give its sha512 digest, so what is downloaded could not be checked`,
    );
  }
  return {
    package: name,
    registry,
    integrity,
    publisher: found._npmUser?.name,
    maintainers: found.maintainers?.map((account) => account.name) ?? maintainers,
    provenance: await fetchProvenance(found, integrity, client),
  };
}
