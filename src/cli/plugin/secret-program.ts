import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import type { AddressOptions, JsonOptions } from '../options.js';

type Common = AddressOptions & JsonOptions;

const HELP: Readonly<Record<string, string>> = {
  list: `
Which secrets are set; nothing shows what they are.`,
  set: `
KEY is a setting of the type "secret" that the plugin declares; "bulkhead plugin info PLUGIN" has all of them.
On a terminal you are asked for it, and it is not shown; without one, it is what is on standard input. It is no argument, since other users can
read those. A running plugin gets the change at once. With a core at --address this happens there, on air too; without one, only plugins that are
installed are known.

Examples:
  bulkhead plugin secret set someone.titles apiKey
  bulkhead plugin secret set someone.titles apiKey < key.txt`,
  delete: `
Also what the plugin has stored itself; "bulkhead plugin secret list" has the names.`,
};

/** The commands below `bulkhead plugin secret`. */
export function addSecretCommands(
  secret: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = commandsOf(secret, context, HELP);
  const commands = () => import('./commands/secret.js');

  command('list [plugin]', 'show which secrets of plugins are set').action(
    async (plugin: string | undefined, options: Common) => {
      done(await (await commands()).listSecrets(plugin, options, context));
    },
  );
  command('set <plugin> <key>', 'enter a secret that a plugin needs').action(
    async (plugin: string, key: string, options: Common) => {
      done(await (await commands()).setSecret(plugin, key, options, context));
    },
  );
  command('delete <plugin> <key>', 'delete a secret of a plugin').action(
    async (plugin: string, key: string, options: Common) => {
      done(await (await commands()).deleteSecret(plugin, key, options, context));
    },
  );
}
