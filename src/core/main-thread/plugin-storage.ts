import type { Event } from '../../base/event.js';

/** Maximum size of one plugin's state, bytes. */
export const STATE_QUOTA_BYTES = 1024 * 1024;
/** Maximum size of one plugin's secrets, bytes. */
export const SECRETS_QUOTA_BYTES = 64 * 1024;

/** Texts by key. All methods reject with `storage.failed` or `storage.quota`; then nothing has changed. */
export interface StoredTexts {
  get(key: string): Promise<string | undefined>;
  keys(): Promise<string[]>;
  all(): Promise<Readonly<Record<string, string>>>;
  /** Sets a text; null removes it. Resolves once it has been written to the disk. */
  set(key: string, value: string | null): Promise<void>;
}

export const PluginStorage = Symbol('PluginStorage');

/** Plugins' stored data, as the API uses it. */
export interface PluginStorage {
  state(plugin: string): StoredTexts;
  /** The plugin's state for the current profile only. */
  profileState(plugin: string): StoredTexts;
  secrets(plugin: string): StoredTexts;
  /** The absolute path of the folder that the plugin may write to. */
  filesFolder(plugin: string): string;
  /** The current profile: the streamer's kind of broadcast. */
  readonly profile: string;
  /** Fires with the new profile; `profileState` already uses it. */
  readonly onDidChangeProfile: Event<string>;
}
