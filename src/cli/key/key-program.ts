import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { type JsonOptions, jsonOption } from '../options.js';

const HELP = `
The secret is read without being shown, or from standard input, and kept by the system: GNOME Keyring, KWallet or KeePassXC, Keychain, Credential Manager.
A configuration refers to it by its name: "key": "keyring:twitch". It needs no core.

Examples:
  bulkhead key set twitch
  bulkhead key set twitch < key.txt
  bulkhead key list
  bulkhead key remove twitch`;

/** The commands below `bulkhead key`. */
export function addSecretKeyCommands(
  group: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  group.addHelpText('after', HELP);
  const command = (usage: string, description: string) =>
    group.command(usage).description(description).addOption(jsonOption());
  command('set <name>', "keep a key in the system's keyring").action(
    async (name: string, options: JsonOptions) => {
      const { setKey } = await import('./keyring-commands.js');
      done(await setKey(name, options, context));
    },
  );
  command('list', 'list the names of the keys that are kept').action(async (options: JsonOptions) => {
    const { listKeys } = await import('./keyring-commands.js');
    done(await listKeys(options, context));
  });
  command('remove <name>', 'remove a key from it').action(async (name: string, options: JsonOptions) => {
    const { removeKey } = await import('./keyring-commands.js');
    done(await removeKey(name, options, context));
  });
}
