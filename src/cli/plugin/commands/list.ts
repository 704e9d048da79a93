import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { pluginReport } from '../describe-plugin.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin list`. */
export async function list(
  options: AddressOptions & JsonOptions,
  { stdout, stderr }: CliContext,
): Promise<number> {
  const { plugins, isolation, library } = await withPlugins(options.address, stderr, (all) => all.list());
  if (options.json === true) {
    stdout.json({ plugins, isolation, library }, 2);
    return ExitCodes.ok;
  }
  if (plugins.length === 0) stdout.line('No plugin is installed. See "bulkhead plugin install --help".');
  stdout.line(...plugins.flatMap(pluginReport), '', `On this machine ${isolation}.`);
  return ExitCodes.ok;
}
