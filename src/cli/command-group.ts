import type { Command, Option } from 'commander';
import { defaultAddress } from '../config/address.js';
import type { CliContext } from './cli-context.js';
import { addressOption, jsonOption } from './options.js';

/**
 * Adds commands to a group of those that talk to a core: each has `--address` and `--json`.
 *
 * @param help what follows the help of each, by its name
 */
export function commandsOf(
  group: Command,
  { env }: Pick<CliContext, 'env'>,
  help: Readonly<Record<string, string>>,
): (usage: string, description: string, options?: readonly Option[], isDefault?: boolean) => Command {
  const address = defaultAddress(env);
  return (usage, description, options = [], isDefault = false) => {
    const [name = ''] = usage.split(' ');
    const command = group.command(usage, { isDefault }).description(description);
    for (const option of [...options, addressOption(address), jsonOption()]) command.addOption(option);
    return command.addHelpText('after', help[name] ?? '');
  };
}
