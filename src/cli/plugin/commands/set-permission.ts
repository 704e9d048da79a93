import { ExitCodes } from '../../../protocol/exit-codes.js';
import type { CliContext } from '../../cli-context.js';
import type { AddressOptions, JsonOptions } from '../../options.js';
import { printChange } from '../describe-plugin.js';
import { withPlugins } from '../with-plugins.js';

/** `bulkhead plugin allow` and `revoke`. */
export async function setPermission(
  id: string,
  permission: string,
  granted: boolean,
  options: AddressOptions & JsonOptions,
  context: CliContext,
): Promise<number> {
  const changed = await withPlugins(options.address, context.stderr, (plugins) =>
    plugins.setPermission({ id, permission, granted }),
  );
  printChange(`${granted ? 'allowed' : 'revoked'} ${permission}:`, changed, options, context);
  return ExitCodes.ok;
}
