import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { PluginInfo } from '../../../protocol/plugin-management.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { styled } from '../../terminal/styled.js';
import { originReport } from '../describe-origin.js';
import { pluginReport } from '../describe-plugin.js';
import { notInstalled } from '../install-package.js';
import { manifestFacts, manifestReport } from '../manifest-facts.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin info`: prints all information about one plugin. */
export async function info(
  id: string,
  options: AddressOptions & JsonOptions,
  { stdout, stderr }: CliContext,
): Promise<number> {
  const { plugins } = await withPlugins(options.address, stderr, (all) => all.list());
  const found = plugins.filter((plugin) => plugin.id === id);
  if (found.length === 0) throw notInstalled(id);
  const described = found.map((plugin) => ({ ...plugin, manifest: manifestFacts(plugin.path) }));
  const usedBy = usersOf(id, plugins);
  if (options.json === true) {
    stdout.json(
      described.map(({ manifest, ...plugin }) => ({ ...plugin, ...manifest, usedBy })),
      2,
    );
    return ExitCodes.ok;
  }
  for (const plugin of described) {
    const { path, spec, installedAt, origin, previous, leftVersion, pid, restarts = 0, manifest } = plugin;
    stdout.line(
      ...pluginReport(plugin),
      ...(plugin.asked.length === 0 ? ['  requests no permissions'] : []),
      ...(manifest === undefined ? [] : manifestReport(manifest)),
      ...(usedBy.length === 0 ? [] : [styled`  used by    ${usedBy.join(', ')}`]),
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
