import semver from 'semver';
import { sourceOf } from '../../plugins/library/package-source.js';
import { changesOfOrigin } from '../../plugins/npm/check-origin.js';
import { factsOf, fetchPackument, type Packument } from '../../plugins/npm/packument.js';
import { pickVersion } from '../../plugins/npm/pick-version.js';
import type { RegistryClient } from '../../plugins/npm/registry-client.js';
import { originOf, wantedIn } from '../../plugins/npm/resolve-package.js';
import type { PackageOrigin, PluginInfo, Provenance } from '../../protocol/plugin-management.js';

/** An installed plugin for which the registry has another version. */
export interface OutdatedPlugin {
  readonly id: string;
  readonly package: string;
  readonly installed: string;
  /** What an update installs: of what it was installed as, the newest that runs here. */
  readonly wanted: string;
  /** The version with the tag `latest`. */
  readonly latest: string | undefined;
  /** The tag, range or version that it follows. */
  readonly channel: string;
  /** How the wanted version was built. */
  readonly provenance: Provenance | undefined;
  /** What to know before an update; a sentence each. */
  readonly notes: readonly string[];
}

/** @returns Undefined if it is up to date. @throws `registry.failed`; `plugin.invalid` for a forged provenance */
export async function findOutdated(
  plugin: PluginInfo & { readonly spec: string; readonly origin: PackageOrigin },
  client: RegistryClient,
): Promise<OutdatedPlugin | undefined> {
  const { id, version: installed, spec, origin, leftVersion } = plugin;
  const packument = await fetchPackument(sourceOf(spec), client);
  const channel = wantedIn(spec) || 'latest';
  const { version, passedOver } = pickVersion(packument, channel);
  const latest = packument.tags.get('latest');
  const newer = [passedOver?.version, latest].find((one) => isNewer(one, version.version));
  if (version.version === installed && !isNewer(newer, installed)) return undefined;
  const after = await originOf(packument, version.version, client);
  const changes = version.version === installed ? [] : changesOfOrigin(origin, after);
  return {
    id,
    package: packument.name,
    installed,
    wanted: version.version,
    latest,
    channel,
    provenance: after.provenance,
    notes: [
      ...(newer === undefined ? [] : [newerNote(newer, channel, packument)]),
      ...(leftVersion === undefined || isNewer(version.version, leftVersion)
        ? []
        : [`${leftVersion} was rolled back: only "bulkhead plugin update ${id}" installs it again.`]),
      ...(version.deprecated === undefined
        ? []
        : [`${version.version} is deprecated: ${version.deprecated}`]),
      ...changes.map((change) => `An update is refused: ${version.version} ${change}.`),
    ],
  };
}

function isNewer(version: string | undefined, than: string): version is string {
  return version !== undefined && semver.valid(version) !== null && semver.gt(version, than);
}

/** Why an update does not take a newer version. */
function newerNote(version: string, channel: string, { versions }: Packument): string {
  const found = versions.get(version);
  const range = found?.engines?.bulkhead;
  if (found === undefined || range === undefined || factsOf(found).problem === undefined) {
    return `${version} is not what it was installed as: "${channel}".`;
  }
  return `${version} needs another version of Bulkhead: its plugin API ${range}.`;
}
