import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import { type ConfigPath, formatPath } from '../config/config-path.js';
import { suggestion } from '../config/nearest.js';
import type { BroadcastConfig } from '../config/schema.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { PluginSettings, SettingOrigins, SettingValue } from '../protocol/plugin-configuration.js';
import type { DeclaredSetting } from '../protocol/setting-declaration.js';
import { declaredSetting, declaredSettings, secretCommand, valueSettings } from './declared-settings.js';
import type { InstalledPlugin } from './installed-plugin.js';
import { noSuchPlugin } from './plugin-error.js';
import { findValueMistake } from './setting-value.js';

/** The streamer's settings, by plugin. */
export type GivenSettings = BroadcastConfig['pluginSettings'];

/** A changed setting. */
export interface SettingChange {
  readonly plugin: string;
  readonly key: string;
}

/** The settings of all plugins, checked against the declarations in their manifests. */
export class Settings implements Disposable {
  private plugins: readonly InstalledPlugin[] = [];
  private given: GivenSettings = {};
  private effective = new Map<string, PluginSettings>();
  private readonly changeEmitter = new Emitter<readonly SettingChange[]>();
  /** Fires with the changes; `of` already returns the new values. */
  readonly onDidChange: Event<readonly SettingChange[]> = this.changeEmitter.event;

  /**
   * Sets the values. Values for plugins that do not exist are ignored; a value of the wrong type counts as not set.
   *
   * @returns The changes since the last call.
   */
  set(plugins: readonly InstalledPlugin[], given: GivenSettings): readonly SettingChange[] {
    this.plugins = plugins;
    const changes = plugins.flatMap((plugin) =>
      valueSettings(plugin)
        .filter(([key]) => !isDeepStrictEqual(this.given[plugin.id]?.[key], given[plugin.id]?.[key]))
        .map(([key]) => ({ plugin: plugin.id, key })),
    );
    this.given = given;
    this.effective = new Map(plugins.map((plugin) => [plugin.id, effectiveSettings(plugin, given)]));
    if (changes.length > 0) this.changeEmitter.fire(changes);
    return changes;
  }

  /** The same for the plugins of the last call. */
  change(given: GivenSettings): readonly SettingChange[] {
    return this.set(this.plugins, given);
  }

  /** What the plugins have declared. */
  get declared(): readonly {
    readonly plugin: string;
    readonly key: string;
    readonly setting: DeclaredSetting;
  }[] {
    return this.plugins.flatMap((plugin) =>
      Object.entries(declaredSettings(plugin)).map(([key, setting]) => ({ plugin: plugin.id, key, setting })),
    );
  }

  /**
   * Whether a setting could have this value.
   *
   * @param value undefined for none, so that the default applies
   * @throws BulkheadError `plugin.failed` where there is no such plugin, `config.invalid` where it has no such setting, or one of another type,
   * or where that is a secret
   */
  check(id: string, key: string, value: SettingValue | undefined): void {
    const plugin = this.plugins.find((candidate) => candidate.id === id);
    if (plugin === undefined) throw noSuchPlugin(id);
    const setting = declaredSetting(plugin, key);
    if (value === undefined && setting !== undefined && setting.type !== 'secret') return;
    checkSettings([plugin], { [id]: { [key]: value ?? '' } } as GivenSettings);
  }

  /** All settings of one plugin. */
  of(plugin: string): PluginSettings {
    return this.effective.get(plugin) ?? {};
  }

  /**
   * Where the values of one plugin could come from.
   *
   * @param configured what the configuration says
   */
  originsOf(id: string, configured: GivenSettings): Readonly<Record<string, SettingOrigins>> {
    const plugin = this.plugins.find((candidate) => candidate.id === id);
    const settings = plugin === undefined ? [] : valueSettings(plugin);
    return Object.fromEntries(
      settings.map(([key, setting]) => {
        const value = configured[id]?.[key];
        return [
          key,
          {
            ...(setting.default === undefined ? {} : { default: setting.default }),
            ...(value !== undefined && findValueMistake(setting, value) === undefined
              ? { configured: value }
              : {}),
          },
        ];
      }),
    );
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}

/** @throws `config.invalid` with every error. */
export function checkSettings(plugins: readonly InstalledPlugin[], given: GivenSettings): void {
  const mistakes = findSettingMistakes(plugins, given);
  if (mistakes.length > 0) {
    const lines = mistakes.map(({ message }) => message);
    throw new BulkheadError(ErrorCodes.configInvalid, lines.join('\n'), { where: 'pluginSettings' });
  }
}

/**
 * An installed plugin is updated apart from the configuration: what it does not take is not used, and reported, and may still be upgraded.
 *
 * @throws BulkheadError `config.invalid` with every mistake in the settings of others
 */
export function checkFileSettings(plugins: readonly InstalledPlugin[], configured: GivenSettings): void {
  checkSettings(
    plugins.filter(({ source }) => source !== 'library'),
    configured,
  );
}

/** An invalid setting. */
export interface SettingMistake {
  /** Path in the configuration. */
  readonly path: ConfigPath;
  /** The path, what is wrong there, and what is expected. */
  readonly message: string;
}

/** Every error in the given settings. */
export function findSettingMistakes(
  plugins: readonly InstalledPlugin[],
  given: GivenSettings,
): SettingMistake[] {
  return plugins.flatMap((plugin) => {
    const { id } = plugin;
    return Object.entries(given[id] ?? {}).flatMap(([key, value]) => {
      const mistake = (problem: string, within: ConfigPath = []) => {
        const path = ['pluginSettings', id, key, ...within];
        return [{ path, message: `pluginSettings["${id}"].${formatPath([key, ...within])}: ${problem}` }];
      };
      const setting = declaredSetting(plugin, key);
      if (setting === undefined) {
        const keys = valueSettings(plugin).map(([name]) => name);
        return mistake(`the plugin "${id}" has no such setting; ${suggestion(key, keys)}`);
      }
      // Its value is not shown: it may be the secret.
      if (setting.type === 'secret') {
        return mistake(
          `a secret is not kept in the configuration; remove it, and run: ${secretCommand(id, key)}`,
        );
      }
      const found = findValueMistake(setting, value);
      if (found === undefined) return [];
      return mistake(
        `expected ${found.expected}, got ${JSON.stringify(found.value).slice(0, 60)}`,
        found.path,
      );
    });
  });
}

function effectiveSettings(plugin: InstalledPlugin, given: GivenSettings): PluginSettings {
  return Object.fromEntries(
    valueSettings(plugin).map(([key, setting]) => {
      const value = given[plugin.id]?.[key];
      const isRight = value !== undefined && findValueMistake(setting, value) === undefined;
      return [key, isRight ? value : (setting.default ?? null)];
    }),
  );
}

/** A setting that a plugin has no more, or with another type, is as configured again. */
export function fittingSettings(
  plugins: readonly InstalledPlugin[],
  wanted: GivenSettings,
  configured: GivenSettings,
): GivenSettings {
  const settings = structuredClone(wanted);
  for (const { path } of findSettingMistakes(plugins, wanted)) {
    const [, plugin = '', key = ''] = path;
    const own = settings[plugin] ?? {};
    const value = configured[plugin]?.[key];
    if (value === undefined) delete own[key];
    else own[key] = value;
  }
  return settings;
}
