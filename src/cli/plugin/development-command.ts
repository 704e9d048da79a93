import type { Command } from 'commander';
import { defaultAddress } from '../../config/address.js';
import type { CliContext } from '../cli-context.js';
import { addressOption } from '../options.js';
import { TOOLS_NEEDED } from './authoring-help.js';
import type { DevOptions } from './commands/dev.js';
import { inspectOptions } from './inspector-options.js';

const help = `${TOOLS_NEEDED}

The plugin runs in the core at the address, on air or not, in place of an installed one with its id; where no core runs,
in one that this command starts. Each save reloads it. Its log, its messages and what fails in it are printed as they
come, with stacks. Mistakes in its manifest are printed, and it runs on as it was. It may use the proposed API that its
manifest names.

With --inspect a debugger on this computer can attach to it, and again at the same port after each reload, on air too.
Meanwhile it is not ended for hanging, activation and commands have no deadline, and Node does not confine it to its files.

Examples:
  bulkhead plugin dev
  bulkhead plugin dev ./my-plugin
  bulkhead plugin dev --inspect=9229
  bulkhead run my-plugin.hello     in another terminal: runs its command`;

/** `bulkhead plugin dev`. */
export function addDevelopmentCommand(
  plugin: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const dev = plugin
    .command('dev [dir]')
    .description('run a plugin from its folder, and reload it on each save')
    .addOption(addressOption(defaultAddress(context.env)))
    .addHelpText('after', help)
    .action(async (folder: string | undefined, options: DevOptions) => {
      const { dev } = await import('./commands/dev.js');
      done(await dev(folder ?? '.', options, context));
    });
  for (const option of inspectOptions('each time before the plugin is loaded')) dev.addOption(option);
}
