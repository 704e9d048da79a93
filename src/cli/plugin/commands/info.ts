import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { styled } from '../../terminal/styled.js';
import { pluginReport } from '../describe-plugin.js';
import { notInstalled } from '../install-package.js';
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
  if (options.json === true) {
    stdout.json(found, 2);
    return ExitCodes.ok;
  }
  for (const plugin of found) {
    const { path, spec, installedAt, pid, restarts = 0 } = plugin;
    stdout.line(
      ...pluginReport(plugin),
      styled`  folder     ${path}`,
      ...(spec === undefined ? [] : [styled`  from       ${spec}`]),
      ...(installedAt === undefined ? [] : [styled`  installed  ${installedAt}`]),
      ...(pid === undefined ? [] : [styled`  process    ${pid}, restarted ${restarts} times`]),
    );
  }
  return ExitCodes.ok;
}
