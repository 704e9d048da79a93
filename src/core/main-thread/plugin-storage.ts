import type { Event } from '../../base/event.js';

/** What one plugin's state may take, bytes. */
export const STATE_QUOTA_BYTES = 1024 * 1024;
/** The same for its secrets. */
export const SECRETS_QUOTA_BYTES = 64 * 1024;

/** Texts by their keys. All methods reject with `storage.failed` or `storage.quota`; then nothing has changed. */
export interface StoredTexts {
  get(key: string): Promise<string | undefined>;
  keys(): Promise<string[]>;
  all(): Promise<Readonly<Record<string, string>>>;
  /** Sets a text, or removes it with null. Resolves once it is on the disk. */
  set(key: string, value: string | null): Promise<void>;
}

export const PluginStorage = Symbol('PluginStorage');

/** What plugins remember, as far as the API reaches it. */
export interface PluginStorage {
  state(plugin: string): StoredTexts;
  /** What the plugin remembers for the present profile alone. */
  profileState(plugin: string): StoredTexts;
  secrets(plugin: string): StoredTexts;
  /** The streamer's kind of broadcast. */
  readonly profile: string;
  /** Fires with the new one; `profileState` is its already. */
  readonly onDidChangeProfile: Event<string>;
}
