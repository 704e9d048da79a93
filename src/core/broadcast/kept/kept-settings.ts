import * as z from '../../../base/zod.js';
import { type BroadcastConfig, PluginSettingSchema } from '../../../config/schema.js';
import { applyEntries, keptEntries, keptEntriesSchema } from './kept-entries.js';

type GivenSettings = BroadcastConfig['pluginSettings'];
type SettingValue = GivenSettings[string][string];

/** Settings that were changed on air, of all plugins together. */
const MOST_SETTINGS = 2000;
/** Characters in the id of a plugin, and in the name of its setting. */
const MOST_CHARACTERS = 500;

const name = z.string().max(MOST_CHARACTERS);

/** How the settings of plugins differ from the configuration: what is kept of a show. */
export const KeptSettingsSchema = keptEntriesSchema(
  z.strictObject({ id: name, plugin: name, key: name, value: PluginSettingSchema }),
  MOST_SETTINGS,
  MOST_CHARACTERS,
);

export type KeptSettings = z.output<typeof KeptSettingsSchema>;

/** One setting of a plugin, as an entry of a list. */
interface SettingEntry {
  readonly id: string;
  readonly plugin: string;
  readonly key: string;
  readonly value: SettingValue;
}

/** What has to be kept so that {@link applySettings} makes `wanted` of the configuration. */
export function keptSettings(
  configured: GivenSettings,
  wanted: GivenSettings,
  saved?: ReadonlyMap<string, readonly string[]>,
): KeptSettings {
  return keptEntries(entriesOf(configured), entriesOf(wanted), saved);
}

/** The configuration's with what was changed on air. */
export function applySettings(configured: GivenSettings, kept: KeptSettings): GivenSettings {
  const settings: Record<string, Record<string, SettingValue>> = {};
  for (const { plugin, key, value } of applyEntries<SettingEntry>(entriesOf(configured), kept)) {
    settings[plugin] = { ...settings[plugin], [key]: value };
  }
  return settings;
}

export function settingId(plugin: string, key: string): string {
  return `${plugin} ${key}`;
}

export function entriesOf(settings: GivenSettings): SettingEntry[] {
  return Object.entries(settings).flatMap(([plugin, own]) =>
    Object.entries(own).map(([key, value]) => ({ id: settingId(plugin, key), plugin, key, value })),
  );
}
