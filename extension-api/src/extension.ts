import type { Extension } from './extensions.js';
import type { CancellationToken, Disposable } from './lifecycle.js';
import type { Memento, SecretStorage, StorageUsage } from './storage.js';
import type { UpgradeScript } from './upgrades.js';
import type { LogOutputChannel } from './window.js';

/** Why the plugin runs: for the streamer, in `bulkhead plugin dev`, or in `bulkhead plugin test`. */
export type ExtensionMode = 'production' | 'development' | 'test';

/** Passed to a plugin when it is activated. */
export interface ExtensionContext {
  /** The plugin itself. */
  readonly extension: Extension;
  /** For example to log more while it is developed. */
  readonly extensionMode: ExtensionMode;
  /** Disposed of, last one first, after `deactivate` has returned. */
  readonly subscriptions: Disposable[];
  /** The plugin's log. */
  readonly log: LogOutputChannel;
  /** The plugin's stored state. */
  readonly globalState: Memento;
  /**
   * The plugin's stored state for the streamer's current profile: each profile has its own values. When the profile changes, with
   * the next broadcast, it has the new profile's values by the time `env.onDidChangeProfile` fires. An `update` that is too late
   * for its profile fails with `storage.failed`, so that nothing is stored for the wrong one.
   *
   * @example
   * ```ts
   * const goal = context.profileState.get('followerGoal', 100);
   * ```
   */
  readonly profileState: Memento;
  /**
   * Absolute path of the plugin's own folder, which it may read and write: for caches, databases, reports. The folder exists,
   * is kept across runs and versions, and is the only place on the disk that the plugin may write to.
   *
   * @example
   * ```ts
   * await writeFile(join(context.storagePath, 'report.html'), html);
   * ```
   */
  readonly storagePath: string;
  /** The plugin's passwords and tokens. */
  readonly secrets: SecretStorage;
  /**
   * What the plugin has stored, and what it may: to make room before something fails.
   *
   * @example
   * ```ts
   * const { bytes, quotaBytes } = (await context.storageUsage()).files;
   * if (bytes > 0.8 * quotaBytes) await deleteOldestReport();
   * ```
   *
   * @throws An error with the code `storage.failed` if it cannot be measured; `rpc.busy` for more than 20 calls at once, or 10 a second after that.
   */
  storageUsage(): Promise<StorageUsage>;
  /** The absolute path of a file in the plugin's folder. */
  asAbsolutePath(relativePath: string): string;
}

/**
 * The exports of the module named by `main`.
 *
 * @example
 * ```ts
 * export function activate(context: ExtensionContext) {
 *   context.subscriptions.push(commands.registerCommand('my-plugin.hello', () => 'Hello!'));
 *   return { greet: (name: string) => `Hello, ${name}!` };
 * }
 * ```
 *
 * @typeParam T What the plugin exports.
 */
export interface ExtensionModule<T = unknown> {
  /**
   * Called once per process, when the plugin is started, and again in the new process after a crash. It has 10 s.
   *
   * @param token Cancelled when that time is over.
   * @returns What the plugin exports, if anything: functions, JSON, and plain objects and lists of them, which the plugins that name
   * this one in their `package.json` get by {@link Extension.exports}. At most 200 functions, 10 levels, and 65,536 characters of JSON.
   * The activation fails if it is something else, such as an instance of a class.
   */
  activate(context: ExtensionContext, token: CancellationToken): T | Promise<T>;
  /** Called before the plugin ends, for cleanup beyond `subscriptions`. It has 5 s. */
  deactivate?(): unknown;
  /** Bring what earlier versions of the plugin have stored up to date, before `activate`: see {@link UpgradeScript}. */
  readonly upgrades?: readonly UpgradeScript[];
}
