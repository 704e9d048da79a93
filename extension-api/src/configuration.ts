import type { Event } from './lifecycle.js';

/** What a setting can hold: text, a number, true or false, or a list of texts. */
export type SettingValue = string | number | boolean | readonly string[];

/** Tells which settings have changed. */
export interface ConfigurationChangeEvent {
  /** Whether the setting has changed. */
  affectsConfiguration(key: string): boolean;
}

/**
 * The plugin's own settings: declared in `contributes.configuration` of its `package.json`, set by the streamer in
 * `pluginSettings` of the broadcast's configuration, under the plugin's id. Bulkhead has checked them by their types.
 */
export interface Configuration {
  /**
   * A setting: what the streamer has set, else its `default`, else `undefined`.
   *
   * @example
   * ```ts
   * const words = configuration.get<string[]>('blockedWords') ?? [];
   * ```
   *
   * @throws An error when the plugin's `package.json` declares no such setting.
   */
  get<T extends SettingValue>(key: string): T | undefined;

  /**
   * Fires when settings have changed.
   *
   * @example
   * ```ts
   * configuration.onDidChange((event) => {
   *   if (event.affectsConfiguration('volume')) setVolume(configuration.get<number>('volume') ?? 1);
   * });
   * ```
   */
  readonly onDidChange: Event<ConfigurationChangeEvent>;
}
