import { editKeybindings } from '../../config/edit-keybindings.js';
import { editSettings } from '../../config/edit-settings.js';
import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import { ConfigurationFile } from '../configuration-file.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { pathOf } from './setting-path.js';

/** `bulkhead config migrate`. */
export async function migrateSettings(
  { address, json }: AddressOptions & JsonOptions,
  { stdout }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const list = await client.settings.list();
    // What is added takes the place of what is removed, so that no group is empty in between, and keeps its lines.
    const upgraded = [...(list.upgraded ?? [])].sort(
      (a, b) => Number(a.value === null) - Number(b.value === null),
    );
    const keybindings = list.upgradedKeybindings ?? [];
    const file = upgraded.length + keybindings.length === 0 ? undefined : ConfigurationFile.of(list.show);
    const settings = upgraded.map(({ plugin, key, value }) => ({
      path: ['pluginSettings', plugin, key],
      value,
    }));
    await file?.save((text) => editKeybindings(editSettings(text, settings), keybindings));
    if (json === true) stdout.json({ migrated: upgraded, keybindings, ...(file && { saved: file.path }) }, 2);
    else if (file === undefined) stdout.line('No plugin has upgraded what the configuration file says.');
    else {
      for (const setting of upgraded) {
        const { value } = setting;
        stdout.line(`${pathOf(setting)} ${value === null ? 'removed' : `is ${JSON.stringify(value)}`}`);
      }
      for (const { before, command, args } of keybindings) {
        const now = args === undefined ? command : `${command} with ${JSON.stringify(args)}`;
        stdout.line(`The keybinding ${before.key} of ${before.command} is of ${now}`);
      }
      stdout.line(`Saved in ${file.path}.`);
    }
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}
