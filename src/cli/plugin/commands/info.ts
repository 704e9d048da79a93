import { formatBytes } from '../../../base/format-bytes.js';
import { ExitCodes } from '../../../protocol/exit-codes.js';
import { scopesOf } from '../../../protocol/permissions/permissions.js';
import type { PluginDetails } from '../../../protocol/plugin-details.js';
import type { PluginInfo } from '../../../protocol/plugin-management.js';
import type { QuotaUsage } from '../../../protocol/plugin-storage.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { type Styled, styled } from '../../terminal/styled.js';
import { originReport } from '../describe-origin.js';
import { pluginReport } from '../describe-plugin.js';
import { notInstalled } from '../install-package.js';
import { manifestFacts, manifestReport } from '../manifest-facts.js';
import { withPlugins } from '../with-plugins.js';
import { secretLine } from './secret.js';

const NOT_ENFORCED =
  '  which hosts it connects to only its own process checks: hostile code can reach others';

const namesHosts = ({ asked, optional, granted }: PluginInfo) =>
  scopesOf([...asked, ...optional, ...granted], 'network').length > 0;

/** `bulkhead plugin info`: prints all information about one plugin. */
export async function info(
  id: string,
  options: AddressOptions & JsonOptions,
  { stdout, stderr }: CliContext,
): Promise<number> {
  const { plugins, found, details, enforcesScopes } = await withPlugins(
    options.address,
    stderr,
    async (all, records) => {
      const { plugins, enforcesScopes } = await all.list();
      const found = plugins.filter((plugin) => plugin.id === id);
      if (found.length === 0) throw notInstalled(id);
      // Of one that is refused nothing is known but its state.
      const details = await records.details({ id }).catch(() => undefined);
      return { plugins, found, details, enforcesScopes };
    },
  );
  const described = found.map((plugin) => ({ ...plugin, manifest: manifestFacts(plugin.path) }));
  const usedBy = usersOf(id, plugins);
  if (options.json === true) {
    const { settings: settingsSchema, secrets, storage } = details ?? {};
    stdout.json(
      described.map(({ manifest, ...plugin }) => ({
        ...plugin,
        ...manifest,
        ...{ settingsSchema, secrets, storage, usedBy },
      })),
      2,
    );
    return ExitCodes.ok;
  }
  for (const plugin of described) {
    const { path, spec, installedAt, origin, previous, leftVersion, pid, restarts = 0, manifest } = plugin;
    stdout.line(
      ...pluginReport(plugin),
      ...(plugin.asked.length === 0 && plugin.optional.length === 0 ? ['  requests no permissions'] : []),
      ...(enforcesScopes || !namesHosts(plugin) ? [] : [NOT_ENFORCED]),
      ...(manifest === undefined ? [] : manifestReport(manifest)),
      ...(usedBy.length === 0 ? [] : [styled`  used by    ${usedBy.join(', ')}`]),
      ...(details === undefined ? [] : detailLines(details)),
      styled`  folder     ${path}`,
      ...(spec === undefined ? [] : [styled`  from       ${spec}`]),
      ...(installedAt === undefined ? [] : [styled`  installed  ${installedAt}`]),
      ...(origin === undefined ? [] : originReport(origin)),
      ...(previous === undefined
        ? []
        : [styled`  before     ${previous}: "bulkhead plugin rollback ${id}" goes back to it`]),
      ...(leftVersion === undefined
        ? []
        : [styled`  left       ${leftVersion} by a rollback; only what is newer is an update`]),
      ...(pid === undefined ? [] : [styled`  process    ${pid}, restarted ${restarts} times`]),
    );
  }
  return ExitCodes.ok;
}

/** Ids of the plugins that may use what this one exports. */
function usersOf(id: string, plugins: readonly PluginInfo[]): string[] {
  const users = plugins.filter(({ path }) => {
    const facts = manifestFacts(path);
    const named = [...(facts?.extensionDependencies ?? []), ...(facts?.optionalExtensionDependencies ?? [])];
    return named.includes(id);
  });
  return [...new Set(users.map((user) => user.id))];
}

function detailLines({ secrets, storage }: PluginDetails): Styled[] {
  const { state, profileState, secrets: secret, files } = storage;
  const used = ({ bytes, quotaBytes }: QuotaUsage) => `${formatBytes(bytes)} of ${formatBytes(quotaBytes)}`;
  return [
    ...secrets.map((one) => styled`  secret     ${secretLine(one)}`),
    styled`  stored     files ${used(files)}, state ${used(state)}, of this profile ${used(profileState)}, secrets ${used(secret)}`,
  ];
}
