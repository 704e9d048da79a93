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

/**
 * Passwords and tokens of the plugin. Bulkhead stores them in a file that only the streamer's account can read, and
 * never shows them to other plugins, in logs or in the status. A plugin has 64 KiB.
 */
export interface SecretStorage {
  /** Resolves to the secret; `undefined` if there is none. */
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
}
