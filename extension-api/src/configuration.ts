import type { Event } from './lifecycle.js';

/** Types of settings: text, number, boolean, or a list or an object of these. */
export type SettingValue = string | number | boolean | object;

/** Says which settings have changed. */
export interface ConfigurationChangeEvent<K extends string = string> {
  /** Whether the setting has changed. */
  affectsConfiguration(key: K): boolean;
}

/** A setting, with where its value comes from. What is not set is absent. */
export interface InspectedSetting<T extends SettingValue = SettingValue> {
  /** The setting's name. */
  readonly key: string;
  /** What `get` returns: as changed on air, else as configured, else the default. */
  readonly value?: T;
  /** `default` in the plugin's `package.json`. */
  readonly defaultValue?: T;
  /** In `pluginSettings` of the broadcast's configuration file. */
  readonly configuredValue?: T;
}

/** {@link Configuration} with the names and types of the plugin's own settings; see {@link Configuration.typed}. */
export interface TypedConfiguration<S extends object> {
  /** Like {@link Configuration.get}, with the type that `S` has for the setting. */
  get<K extends keyof S & string>(key: K): S[K];
  /** The same, with a value in place of `undefined`. */
  get<K extends keyof S & string>(key: K, defaultValue: NonNullable<S[K]>): NonNullable<S[K]>;
  /** Like {@link Configuration.inspect}. */
  inspect<K extends keyof S & string>(key: K): InspectedSetting<Extract<S[K], SettingValue>>;
  /** Like {@link Configuration.update}. */
  update<K extends keyof S & string>(key: K, value: S[K] | undefined): Promise<void>;
  /** Like {@link Configuration.onDidChange}. */
  readonly onDidChange: Event<ConfigurationChangeEvent<keyof S & string>>;
}

/**
 * The plugin's own settings: declared in `contributes.configuration` of its `package.json`, set by the streamer in
 * `pluginSettings` of the broadcast's configuration, under the plugin's id. Bulkhead checks them against what is declared. They change while the plugin
 * runs: when the streamer saves the file or uses `bulkhead config set`, and by {@link Configuration.update}.
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
   * @throws An error if the plugin's `package.json` declares no such setting, or declares it as a `secret`: those are read by
   * `context.secrets.get`.
   */
  get<T extends SettingValue>(key: string): T | undefined;
  /**
   * The same, with a value in place of `undefined`: for a setting without a `default`.
   *
   * @example
   * ```ts
   * const size = configuration.get('size', 40); // number
   * ```
   */
  get(key: string, defaultValue: string): string;
  /** The same for a number. */
  get(key: string, defaultValue: number): number;
  /** The same for a boolean. */
  get(key: string, defaultValue: boolean): boolean;
  /** The same for a list of texts. */
  get(key: string, defaultValue: readonly string[]): readonly string[];
  /** The same for any other type. */
  get<T extends SettingValue>(key: string, defaultValue: T): T;

  /**
   * Says where a setting's value comes from.
   *
   * @example
   * ```ts
   * const { configuredValue } = configuration.inspect<number>('size');
   * const isChosen = configuredValue !== undefined;
   * ```
   *
   * @throws An error if the plugin's `package.json` declares no such setting.
   */
  inspect<T extends SettingValue>(key: string): InspectedSetting<T>;

  /**
   * Changes a setting of the plugin on air, as `bulkhead config set` does: the configuration file stays as it is. The change is kept for that file,
   * and restored when a broadcast is started with it again, for as long as the file says the same of this setting as now. Without a file it
   * lasts until the broadcast ends. Resolves when `get` returns the new value; {@link Configuration.onDidChange} has fired.
   *
   * @param value `undefined` for the setting's `default`
   * @throws An error with the code `config.invalid` if the value is not of the declared type; an error if the plugin's `package.json`
   * declares no such setting.
   */
  update(key: string, value: SettingValue | undefined): Promise<void>;

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
   * Fires when settings have changed: within 300 ms of the moment the streamer saves the configuration file.
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
