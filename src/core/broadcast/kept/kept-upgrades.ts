import * as z from '../../../base/zod.js';
import { type BroadcastConfig, PluginSettingSchema } from '../../../config/schema.js';
import { boundedList, boundedRecord } from '../../../protocol/bounded.js';
import { MAX_UPGRADE_SCRIPTS } from '../../../protocol/plugin-upgrades.js';
import { KeptKeybindingsSchema } from './kept-keybindings.js';
import { applySettings, KeptSettingsSchema, keptSettings } from './kept-settings.js';

type GivenSettings = BroadcastConfig['pluginSettings'];
/** The settings of one plugin. */
export type OwnSettings = GivenSettings[string];

/** Plugins, and settings of one of them. */
const MOST = 400;

const applied = z.int().min(0).max(MAX_UPGRADE_SCRIPTS);
const Own = boundedRecord(PluginSettingSchema, MOST);

/** Which upgrade scripts have been applied to the settings of plugins: what is kept of a show. */
export const KeptUpgradesSchema = boundedList(
  z.strictObject({
    plugin: z.string().min(1).max(500),
    /** How many of the plugin's scripts. */
    applied,
    /** How the settings that they have made differ from what the configuration says. */
    settings: KeptSettingsSchema,
    /** How keybindings of its commands are read. */
    keybindings: KeptKeybindingsSchema.default([]),
    /** What there was before the last upgrade: settings as configured, and as changed on air; and how keybindings are read to be as before. */
    before: z
      .strictObject({ applied, configured: Own, wanted: Own, keybindings: KeptKeybindingsSchema.default([]) })
      .optional(),
  }),
  MOST,
);

export type KeptUpgrades = z.output<typeof KeptUpgradesSchema>;
export type KeptUpgrade = KeptUpgrades[number];

/** What a configuration means, after the upgrades. What has been edited in it since means what it says. */
export function readUpgraded(file: GivenSettings, upgrades: KeptUpgrades): GivenSettings {
  return applySettings(
    file,
    upgrades.flatMap(({ settings }) => settings),
  );
}

/** The upgrades without what has been edited in the configuration since: it does not come back. */
export function withoutEdited(
  upgrades: KeptUpgrades,
  file: GivenSettings,
  configured: GivenSettings,
): KeptUpgrades {
  return upgrades.map((upgrade) => ({
    ...upgrade,
    settings: keptSettings(
      ownOf(file, upgrade.plugin),
      ownOf(configured, upgrade.plugin),
    ) as KeptUpgrade['settings'],
  }));
}

/** The settings of this plugin alone. */
export function ownOf(settings: GivenSettings, plugin: string): GivenSettings {
  const own = settings[plugin];
  return own === undefined ? {} : { [plugin]: own };
}
