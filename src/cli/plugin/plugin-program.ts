import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { addAuthoringCommands } from './authoring-commands.js';
import { addDevelopmentCommand } from './development-command.js';
import { addManagementCommands } from './management-commands.js';

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
  addAuthoringCommands(plugin, context, done);
  addDevelopmentCommand(plugin, context, done);
}
