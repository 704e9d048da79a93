import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import type { AddressOptions, JsonOptions } from '../options.js';

type Common = AddressOptions & JsonOptions;

const HELP: Readonly<Record<string, string>> = {
  list: `
Of a key that is there twice, the first command whose condition holds is run. The keys of the configuration come first ("keybindings": the last one
before the others), then those of each plugin, in the order of their installation.

Example:
  bulkhead keys`,
  press: `
A key is written as in VS Code, in any order and case: ctrl, shift, alt, cmd (or win, or meta), and a key such as m, f5, left or numpad1.

Examples:
  bulkhead keys press ctrl+shift+m
  bulkhead keys press f13`,
  context: `
Conditions of keys and commands ask for these: "when" and "enablement" in a plugin's manifest, "when" in "keybindings" of the configuration.`,
};

/** The commands below `bulkhead keys`. */
export function addKeyCommands(keys: Command, context: CliContext, done: (exitCode: number) => void): void {
  const command = commandsOf(keys, context, HELP);
  const commands = () => import('./keys.js');

  command('list', 'show the keys that run commands (also without "list")', [], true).action(
    async (options: Common) => {
      done(await (await commands()).listKeys(options, context));
    },
  );
  command('press <key>', 'do what a key does').action(async (key: string, options: Common) => {
    done(await (await commands()).pressKey(key, options, context));
  });
  command('context', 'show what conditions can ask for, and what it is now').action(
    async (options: Common) => {
      done(await (await commands()).listContext(options, context));
    },
  );
}
