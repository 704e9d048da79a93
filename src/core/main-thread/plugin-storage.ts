import type { Event } from '../../base/event.js';
import type { StorageUsage } from '../../protocol/plugin-storage.js';

/** Maximum size of one plugin's state, bytes. */
export const STATE_QUOTA_BYTES = 1024 * 1024;
/** Maximum size of one plugin's secrets, bytes. */
export const SECRETS_QUOTA_BYTES = 64 * 1024;
/** Maximum number of files and folders in one plugin's folder: as many as can be counted in less than a minute. */
export const MOST_ENTRIES = 20_000;

/** Texts by key. All methods reject with `storage.failed` or `storage.quota`; then nothing has changed. */
export interface StoredTexts {
  get(key: string): Promise<string | undefined>;
  keys(): Promise<string[]>;
  all(): Promise<Readonly<Record<string, string>>>;
  /** What they take of the quota, bytes. */
  usedBytes(): Promise<number>;
  /** Sets a text; null removes it. Resolves once it has been written to the disk. */
  set(key: string, value: string | null): Promise<void>;
}

/** A secret of a plugin that has been set, changed or removed. */
export interface SecretChange {
  readonly plugin: string;
  readonly key: string;
}

export const PluginStorage = Symbol('PluginStorage');

/** Plugins' stored data, as the API uses it. */
export interface PluginStorage {
  state(plugin: string): StoredTexts;
  /** The plugin's state for the current profile only. */
  profileState(plugin: string): StoredTexts;
  secrets(plugin: string): StoredTexts;
  /** Fires when it has been written, whoever has changed it; `secrets` already has it. */
  readonly onDidChangeSecret: Event<SecretChange>;
  /**
   * How much the plugin has stored, and how much it may.
   *
   * @param filesQuotaBytes what it may keep in its folder
   */
  usage(plugin: string, filesQuotaBytes: number): Promise<StorageUsage>;
  /** The absolute path of the folder that the plugin may write to. */
  filesFolder(plugin: string): string;
  /** The current profile: the streamer's kind of broadcast. */
  readonly profile: string;
  /** Fires with the new profile; `profileState` already uses it. */
  readonly onDidChangeProfile: Event<string>;
  readonly upgrades: StateUpgrades;
}

/** How many of its upgrade scripts have been applied to a plugin's state. */
export interface AppliedUpgrades {
  readonly applied: number;
  /** How many there were when the plugin was first activated on this computer: what it had then counts as up to date. */
  readonly first: number;
}

/**
 * Upgrades of plugins' state. The upgraded state is written beside the current one, and takes its place in one step; the one before is kept, so
 * that an earlier version of the plugin can go back to it. All methods reject with `storage.failed`; then nothing has changed.
 */
export interface StateUpgrades {
  /** @param scripts how many there are, in case that the plugin is new here */
  applied(plugin: string, scripts: number): Promise<AppliedUpgrades>;
  /** Begins an upgrade; one that was not completed is forgotten. @returns the profiles with stored values */
  begin(plugin: string): Promise<readonly string[]>;
  /** The upgraded state: empty at first. @param profile `globalState` without it */
  upgraded(plugin: string, profile?: string): StoredTexts;
  /** The current state of any profile. @param profile `globalState` without it */
  current(plugin: string, profile?: string): StoredTexts;
  /** The upgraded state becomes the current one, with so many scripts applied. */
  commit(plugin: string, applied: number): Promise<void>;
  /**
   * Goes back to the state before the last upgrade, if that fits a version with so many scripts.
   *
   * @returns how many scripts have been applied to what is now the current state
   */
  goBack(plugin: string, scripts: number): Promise<number>;
}
