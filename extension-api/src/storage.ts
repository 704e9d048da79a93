/**
 * What a plugin remembers from one run to the next. Values are kept as JSON, on the disk of the streamer's computer, and
 * survive a crash of anything: `update` resolves once they are written. A plugin has 1 MiB.
 */
export interface Memento {
  /** Keys that have a value. */
  keys(): readonly string[];
  /** A copy of the value; without one, `defaultValue`. */
  get<T>(key: string): T | undefined;
  get<T>(key: string, defaultValue: T): T;
  /**
   * Sets a value; `undefined` removes it. `get` tells the new one at once.
   *
   * @example
   * ```ts
   * const count = context.globalState.get('broadcasts', 0);
   * await context.globalState.update('broadcasts', count + 1);
   * ```
   *
   * @throws An error with the code `storage.quota` when there is no room left, `storage.failed` when the disk does not
   * take it. `get` then tells the former value again.
   */
  update(key: string, value: unknown): Promise<void>;
}

/**
 * Passwords and tokens of the plugin's own. Bulkhead keeps them in a file that only the streamer's account can read, and
 * shows them to no other plugin, in no log and in no status. A plugin has 64 KiB.
 */
export interface SecretStorage {
  get(key: string): Promise<string | undefined>;
  /** @throws An error with the code `storage.quota` or `storage.failed`; then nothing has changed. */
  store(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  keys(): Promise<string[]>;
}
