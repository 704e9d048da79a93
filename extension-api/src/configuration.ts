import type { Event } from './lifecycle.js';

/** Types of settings: text, number, boolean, or a list or an object of these. */
export type SettingValue = string | number | boolean | object;

/** Says which settings have changed. */
export interface ConfigurationChangeEvent<K extends string = string> {
  /** Whether the setting has changed. */
  affectsConfiguration(key: K): boolean;
}

/** {@link Configuration} with the names and types of the plugin's own settings; see {@link Configuration.typed}. */
export interface TypedConfiguration<S extends object> {
  /** Like {@link Configuration.get}, with the type that `S` has for the setting. */
  get<K extends keyof S & string>(key: K): S[K];
  /** Like {@link Configuration.onDidChange}. */
  readonly onDidChange: Event<ConfigurationChangeEvent<keyof S & string>>;
}

/**
 * The plugin's own settings: declared in `contributes.configuration` of its `package.json`, set by the streamer in
 * `pluginSettings` of the broadcast's configuration, under the plugin's id. Bulkhead checks them against what is declared.
 */
export interface Configuration {
  /**
   * Returns a setting: the streamer's value, else its `default`, else `undefined`.
   *
   * @example
   * ```ts
   * const words = configuration.get<string[]>('blockedWords') ?? [];
   * ```
   *
   * @throws An error if the plugin's `package.json` declares no such setting.
   */
  get<T extends SettingValue>(key: string): T | undefined;

  /**
   * The same configuration, with the names and types of the plugin's settings: a wrong name does
   * not compile. Settings without a `default` in `package.json` are optional.
   *
   * @example
   * ```ts
   * interface Settings {
   *   greeting: string; // { "type": "string", "default": "Hello" }
   *   mood?: 'good' | 'bad'; // { "type": "string", "enum": ["good", "bad"] }
   *   words: readonly string[]; // { "type": "array", "items": { "type": "string" }, "default": [] }
   * }
   *
   * const settings = configuration.typed<Settings>();
   * const greeting = settings.get('greeting'); // string
   * ```
   */
  typed<S extends { [K in keyof S]: SettingValue | undefined }>(): TypedConfiguration<S>;

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
