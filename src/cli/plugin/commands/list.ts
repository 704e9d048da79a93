import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import { colorsFor } from '../../colors.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { pluginReport } from '../describe-plugin.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin list`. */
export async function list(
  options: AddressOptions & JsonOptions,
  { stdout, stderr, env }: CliContext,
): Promise<number> {
  const { plugins, isolation, library } = await withPlugins(options.address, stderr, (all) => all.list());
  if (options.json === true) {
    stdout.write(`${JSON.stringify({ plugins, isolation, library }, null, 2)}\n`);
    return ExitCodes.ok;
  }
  const colors = colorsFor(stdout, env);
  const lines = plugins.flatMap((plugin) => pluginReport(plugin, colors));
  if (lines.length === 0) lines.push('No plugin is installed. See "bulkhead plugin install --help".');
  stdout.write(`${[...lines, '', `On this machine ${isolation}.`].join('\n')}\n`);
  return ExitCodes.ok;
}
