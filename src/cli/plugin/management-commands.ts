import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';

/** What a streamer does with plugins, on air too: install, list, update, remove and so on. */
export function addManagementCommands(
  _plugin: Command,
  _context: CliContext,
  _done: (exitCode: number) => void,
): void {}
