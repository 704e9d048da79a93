import { editSettings } from '../../config/edit-settings.js';
import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { PluginSetting, SettingList } from '../../protocol/settings.js';
import type { CliContext } from '../cli-context.js';
import { ConfigurationFile } from '../configuration-file.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { type Content, dim, styled } from '../terminal/styled.js';
import { pathOf, settingAt, settingValue } from './setting-path.js';

type Common = AddressOptions & JsonOptions;
export type SetSettingOptions = Common & { readonly save?: boolean };

/** `bulkhead config list`. */
export function listSettings(options: Common, context: CliContext): Promise<number> {
  return withSettings(options, context, (client) => client.settings.list());
}

/** `bulkhead config reset`. */
export function resetSettings(options: Common, context: CliContext): Promise<number> {
  return withSettings(options, context, (client) => client.settings.reset());
}

/** `bulkhead config set`. The file is looked at before anything is changed, and edited, as it is then, when the change is on air. */
export async function setSetting(
  path: string,
  text: string,
  { address, json, save }: SetSettingOptions,
  { stdout }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const { show, settings } = await client.settings.list();
    const setting = settingAt(path, settings);
    const { plugin, key } = setting;
    const value = settingValue(text, setting);
    const edit = (before: string) => editSettings(before, [{ path: ['pluginSettings', plugin, key], value }]);
    const file = save === true ? ConfigurationFile.of(show) : undefined;
    file?.edited(edit);
    let list = await client.settings.set({ plugin, key, value });
    if (file !== undefined) {
      await file.save(edit);
      list = await client.settings.noteSaved({ plugin, key });
    }
    const now = list.settings.find((one) => one.plugin === plugin && one.key === key) ?? setting;
    if (json === true) stdout.json({ ...now, ...(file === undefined ? {} : { saved: file.path }) }, 2);
    else stdout.line(`${described(now)}.${file === undefined ? '' : ` Saved in ${file.path}.`}`);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

async function withSettings(
  { address, json }: Common,
  { stdout }: CliContext,
  ask: (client: ControlClient) => Promise<SettingList>,
): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const { settings } = await ask(client);
    if (json === true) stdout.json({ settings }, 2);
    else if (settings.length === 0) stdout.line('No plugin that has settings runs.');
    else for (const setting of settings) stdout.line(styled`${described(setting)}${about(setting)}`);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** What the plugin says of it. */
function about({ title, description }: PluginSetting): Content {
  const texts = [title, description].filter((text) => text !== undefined);
  return texts.length === 0 ? '' : dim(`  ${texts.join(': ')}`);
}

function described(setting: PluginSetting): string {
  const { value, isChanged, configured, type, isSet } = setting;
  if (type === 'secret') return `${pathOf(setting)} is ${isSet === true ? 'set' : 'not set'} (a secret)`;
  const origin = isChanged ? 'changed on air' : configured === undefined ? 'the default' : 'configured';
  return `${pathOf(setting)} is ${value === null ? 'not set' : JSON.stringify(value)} (${origin})`;
}
