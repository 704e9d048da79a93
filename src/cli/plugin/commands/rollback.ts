import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { printChange } from '../describe-plugin.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin rollback`. */
export async function rollback(
  id: string,
  options: AddressOptions & JsonOptions,
  context: CliContext,
): Promise<number> {
  const changed = await withPlugins(options.address, context.stderr, (plugins) => plugins.rollback({ id }));
  printChange(`rolled back from ${changed.before ?? 'another version'}:`, changed, options, context);
  return ExitCodes.ok;
}
