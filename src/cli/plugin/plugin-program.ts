import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';

/** The commands below `bulkhead plugin`, for streamers and for plugin authors. */
export function addPluginCommands(
  _plugin: Command,
  _context: CliContext,
  _done: (exitCode: number) => void,
): void {}
