import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { addAuthoringCommands } from './authoring-commands.js';
import { addDevelopmentCommand } from './development-command.js';
import { addManagementCommands } from './management-commands.js';
import { addSecretCommands } from './secret-program.js';

/**
 * Adds the commands below `bulkhead plugin`, for streamers and for plugin authors. Each one's code is loaded when it
 * runs.
 */
export function addPluginCommands(
  plugin: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  addManagementCommands(plugin, context, done);
  addSecretCommands(
    plugin
      .command('secret')
      .helpCommand(false)
      .description('enter the passwords and tokens that plugins need'),
    context,
    done,
  );
  addAuthoringCommands(plugin, context, done);
  addDevelopmentCommand(plugin, context, done);
}
