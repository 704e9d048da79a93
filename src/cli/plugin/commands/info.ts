import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import { colorsFor } from '../../colors.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { pluginReport } from '../describe-plugin.js';
import { notInstalled } from '../install-package.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin info`: all that there is to say about one plugin. */
export async function info(
  id: string,
  options: AddressOptions & JsonOptions,
  { stdout, stderr, env }: CliContext,
): Promise<number> {
  const { plugins } = await withPlugins(options.address, stderr, (all) => all.list());
  const found = plugins.filter((plugin) => plugin.id === id);
  if (found.length === 0) throw notInstalled(id);
  if (options.json === true) {
    stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return ExitCodes.ok;
  }
  const colors = colorsFor(stdout, env);
  for (const plugin of found) {
    const { path, spec, installedAt, pid, restarts = 0 } = plugin;
    const rows = [
      ...pluginReport(plugin, colors),
      `  folder     ${path}`,
      ...(spec === undefined ? [] : [`  from       ${spec}`]),
      ...(installedAt === undefined ? [] : [`  installed  ${installedAt}`]),
      ...(pid === undefined ? [] : [`  process    ${pid}, started again ${restarts} times`]),
    ];
    stdout.write(`${rows.join('\n')}\n`);
  }
  return ExitCodes.ok;
}
