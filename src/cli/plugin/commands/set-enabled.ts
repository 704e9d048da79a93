import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { printChange, printStart } from '../describe-plugin.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin enable` and `disable`. */
export async function setEnabled(
  id: string,
  enabled: boolean,
  options: AddressOptions & JsonOptions & { readonly force?: boolean },
  context: CliContext,
): Promise<number> {
  const force = options.force === true;
  const changed = await withPlugins(options.address, context.stderr, (plugins) =>
    plugins.setEnabled({ id, enabled, force }),
  );
  if (enabled) return printStart('enabled', changed, options, context);
  printChange('disabled', changed, options, context);
  return ExitCodes.ok;
}
