import type { Event } from './lifecycle.js';

/**
 * A plugin's stored state. Values are stored as JSON, on the disk of the streamer's computer, and survive any crash:
 * `update` resolves once they are written. A plugin has 1 MiB.
 */
export interface Memento {
  /** Keys with a value. */
  keys(): readonly string[];
  /** Returns a copy of the value; `defaultValue` if there is none. */
  get<T>(key: string): T | undefined;
  /** The same, with a value in place of `undefined`. */
  get<T>(key: string, defaultValue: T): T;
  /**
   * Sets a value; `undefined` removes it. `get` returns the new value immediately.
   *
   * @example
   * ```ts
   * const count = context.globalState.get('broadcasts', 0);
   * await context.globalState.update('broadcasts', count + 1);
   * ```
   *
   * @throws An error with the code `storage.quota` if the quota is exceeded, `storage.failed`
   * if it cannot be written. `get` then returns the former value again.
   */
  update(key: string, value: unknown): Promise<void>;
}

/** Says which secret has been stored, changed or deleted. */
export interface SecretStorageChangeEvent {
  /** Its name. */
  readonly key: string;
}

/**
 * Passwords and tokens of the plugin. Bulkhead stores them in a file that only the streamer's account can read, and
 * never shows them to other plugins, in logs or in the status. A plugin has 64 KiB.
 *
 * Those that the streamer has to provide are declared in `package.json`, as settings of the type `secret`; the streamer enters them with
 * `bulkhead plugin secret set`, on air as well. The plugin may store others itself.
 *
 * @example
 * ```ts
 * // contributes.configuration.properties: { "apiKey": { "type": "secret", "description": "From example.org/keys." } }
 * const connect = async () => {
 *   const key = await context.secrets.get('apiKey');
 *   status.text = key === undefined ? 'no key yet' : await signIn(key);
 * };
 * context.secrets.onDidChange(({ key }) => key === 'apiKey' && connect(), undefined, context.subscriptions);
 * await connect();
 * ```
 */
export interface SecretStorage {
  /** Resolves with `undefined` for a secret that is not there: one that is declared, and that the streamer has not entered. */
  get(key: string): Promise<string | undefined>;
  /**
   * Stores a secret; resolves once it is written.
   *
   * @throws An error with the code `storage.quota` or `storage.failed`; then nothing has changed.
   */
  store(key: string, value: string): Promise<void>;
  /** Removes a secret; does nothing if there is none. @throws As {@link store}. */
  delete(key: string): Promise<void>;
  /** Keys with a secret. */
  keys(): Promise<string[]>;
  /** Fires when a secret has been stored, changed or deleted, by the plugin itself or by the streamer. `get` has it by then. */
  readonly onDidChange: Event<SecretStorageChangeEvent>;
}

/** What is used of a quota, bytes. */
export interface QuotaUsage {
  /** What is stored, with the names. */
  readonly bytes: number;
  /** Most that may be. */
  readonly quotaBytes: number;
}

/** What a plugin has stored, and what it may. */
export interface StorageUsage {
  /** `context.globalState`. */
  readonly globalState: QuotaUsage;
  /** `context.profileState`, for the current profile. */
  readonly profileState: QuotaUsage;
  /** `context.secrets`, those that the streamer has entered among them. */
  readonly secrets: QuotaUsage;
  /**
   * The folder `context.storagePath`, with `profileState` for every profile: as Bulkhead has measured it in the last seconds, and up to its quota,
   * beyond which the plugin is ended.
   */
  readonly files: QuotaUsage & {
    /** Files and folders. */
    readonly entries: number;
    /** Most files and folders that there may be. */
    readonly maxEntries: number;
  };
}
