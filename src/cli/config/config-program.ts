import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import {
  type AddressOptions,
  type ConfigOptions,
  configOptions,
  type JsonOptions,
  saveOption,
} from '../options.js';
import type { SetSettingOptions } from './change-settings.js';

type Common = AddressOptions & JsonOptions;

const KEPT = `
What is changed is kept for this configuration and restored when it is started again, as long as the file says of that setting what it says now;
--save writes it into the file, whose comments stay.`;

const HELP: Readonly<Record<string, string>> = {
  apply: `
"bulkhead live" does it by itself each time the file is saved. After "bulkhead start", and when "live --mode attach" has been left, this does it.
Give the flags that the broadcast was started with: they go on taking the place of what the file says.

Example:
  bulkhead config apply show.jsonc`,
  set: `
PATH is pluginSettings.PLUGIN.SETTING; "bulkhead config list" has all of them. VALUE null goes back to the default.
The plugin hears of it at once, by configuration.onDidChange.
${KEPT}

Examples:
  bulkhead config set pluginSettings.someone.plugin.size 40
  bulkhead config set pluginSettings.someone.plugin.words '["a", "b"]' --save`,
  migrate: `
An update of a plugin may upgrade its settings, and the keybindings of its commands: rename them, or give them other values. The broadcast goes on with
what it has made of them, and the file stays as it is until this command changes them in it. Comments stay. Going back to the version before, and this command again, undoes it.

Example:
  bulkhead config migrate`,
  reset: `
Editing the file does the same for the settings that are edited.`,
};

/** The commands below `bulkhead config`. */
export function addConfigCommands(
  config: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = commandsOf(config, context, HELP);
  const changes = () => import('./change-settings.js');

  command('list', 'show the settings of the plugins that run').action(async (options: Common) => {
    done(await (await changes()).listSettings(options, context));
  });
  command('set <path> <value>', 'change a setting of a plugin', [saveOption()]).action(
    async (path: string, value: string, options: SetSettingOptions) => {
      done(await (await changes()).setSetting(path, value, options, context));
    },
  );
  command('apply <config>', 'apply what has been edited in the configuration file', configOptions()).action(
    async (file: string, options: Common & ConfigOptions) => {
      const { applyConfiguration } = await import('./apply-configuration.js');
      done(await applyConfiguration(file, options, context));
    },
  );
  command('migrate', 'write what an update of a plugin has upgraded into the configuration file').action(
    async (options: Common) => {
      const { migrateSettings } = await import('./migrate-settings.js');
      done(await migrateSettings(options, context));
    },
  );
  command('reset', 'go back to the settings of the configuration').action(async (options: Common) => {
    done(await (await changes()).resetSettings(options, context));
  });
}
