import { isDeepStrictEqual } from 'node:util';
import type { StoredCommand } from '@bulkhead/extension-api';
import { argumentsOf, type ConfiguredKeybinding } from '../../keys/keybinding-order.js';

// Commands of keybindings, as upgrade scripts are given them and return them.

/** The command of a keybinding, of one that takes a key from it, too. */
export function commandOf({ command }: ConfiguredKeybinding): string {
  return command.replace(/^-/, '');
}

export function storedCommand(keybinding: ConfiguredKeybinding): StoredCommand {
  return { command: commandOf(keybinding), args: argumentsOf(keybinding.args) };
}

/** The keybinding with another command. What is the same stays as it is written. */
export function withCommand(
  one: ConfiguredKeybinding,
  { command, args }: StoredCommand,
): ConfiguredKeybinding {
  const sign = one.command.startsWith('-') ? '-' : '';
  const hasArgs = !isDeepStrictEqual(argumentsOf(one.args), args);
  return { ...one, command: sign + command, ...(hasArgs ? { args } : {}) };
}
