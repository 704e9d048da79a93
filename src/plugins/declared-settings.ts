import type { DeclaredSetting, SettingDeclaration } from '../protocol/setting-declaration.js';
import type { InstalledPlugin } from './installed-plugin.js';

/** What the streamer can set of a plugin, secrets included. */
export function declaredSettings({
  contributes,
}: Pick<InstalledPlugin, 'contributes'>): Readonly<Record<string, DeclaredSetting>> {
  return contributes.configuration.properties;
}

/** The settings that have values, by their names: not its secrets. */
export function valueSettings(
  plugin: Pick<InstalledPlugin, 'contributes'>,
): readonly (readonly [key: string, setting: SettingDeclaration])[] {
  return Object.entries(declaredSettings(plugin)).flatMap(([key, setting]) =>
    setting.type === 'secret' ? [] : [[key, setting] as const],
  );
}

/** Names of the settings that are secrets. */
export function secretSettings(plugin: Pick<InstalledPlugin, 'contributes'>): readonly string[] {
  return Object.entries(declaredSettings(plugin)).flatMap(([key, { type }]) =>
    type === 'secret' ? [key] : [],
  );
}

/** The setting with this name; undefined for what is not declared. */
export function declaredSetting(
  plugin: Pick<InstalledPlugin, 'contributes'>,
  key: string,
): DeclaredSetting | undefined {
  const settings = declaredSettings(plugin);
  return Object.hasOwn(settings, key) ? settings[key] : undefined;
}

/** What the streamer runs to set a secret. */
export function secretCommand(plugin: string, key: string): string {
  return `bulkhead plugin secret set ${plugin} ${key}`;
}
