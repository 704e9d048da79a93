import type { SettingValue } from './configuration.js';

/** A command of the plugin that Bulkhead stores for the streamer, to be run later. */
export interface StoredCommand {
  /** Its name, as in `contributes.commands`. */
  readonly command: string;
  /** What it is run with: plain JSON. */
  readonly args: readonly unknown[];
}

/** What Bulkhead stores for a plugin, as an {@link UpgradeScript} is given it and returns it: plain JSON. */
export interface UpgradeData {
  /** What the streamer has set, by name. Settings that are not set are absent: defaults are not in it. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  /** Content of `context.globalState`. */
  readonly globalState: Readonly<Record<string, unknown>>;
  /** Content of `context.profileState` of each profile that has any. */
  readonly profileState: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /**
   * Commands of the plugin that are stored to be run later: those of the streamer's keybindings. A script returns as many, in the same order; each with the
   * name of a command of the plugin, and with other arguments if it likes.
   */
  readonly commands: readonly StoredCommand[];
}

/**
 * Makes of what an earlier version of the plugin has stored what the next one expects. Exported by the plugin's module in a list, `upgrades`,
 * which only ever grows: a new version appends its scripts, and never changes, moves or removes one that was released. Bulkhead counts how many have been applied,
 * and runs those that are new, in their order and once, before `activate`.
 *
 * A script is a pure function: it returns what has changed, and does nothing else. It is not asynchronous, and what it is given cannot be changed.
 * Parts that it does not return stay as they are; a part that it returns replaces the one before. Any part may be empty: nothing may have been
 * stored, and settings and commands of another configuration file are upgraded alone, when that file is used.
 *
 * When a script throws, or returns what cannot be stored, nothing has changed and the plugin is not activated. When the streamer goes back to the
 * version before, it has again what it had stored.
 *
 * @example
 * ```ts
 * export const upgrades: readonly UpgradeScript[] = [
 *   // 2.0.0: "delaySeconds" is now "delayMs".
 *   ({ settings: { delaySeconds, ...settings } }) =>
 *     typeof delaySeconds === 'number' ? { settings: { ...settings, delayMs: delaySeconds * 1000 } } : {},
 *   // 3.0.0: each viewer has an object in place of a number.
 *   ({ globalState }) => ({
 *     globalState: Object.fromEntries(Object.entries(globalState).map(([viewer, points]) => [viewer, { points }])),
 *   }),
 * ];
 * ```
 */
export type UpgradeScript = (before: UpgradeData) => Partial<UpgradeData>;
