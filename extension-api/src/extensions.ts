import type { Event } from './lifecycle.js';

/**
 * What a plugin exports, as others get it: each function is a call to another process, and so asynchronous; everything else is a
 * copy.
 */
export type Remote<T> = T extends (...args: infer A) => infer R
  ? (...args: A) => Promise<Awaited<R>>
  : T extends object
    ? { readonly [K in keyof T]: Remote<T[K]> }
    : T;

/** A plugin's `package.json`, frozen: as it is in the file. */
export interface PackageJson {
  /** The package's name. */
  readonly name: string;
  /** The plugin's version, such as `1.2.0`. */
  readonly version: string;
  /** Whatever else is in it. */
  readonly [key: string]: unknown;
}

/**
 * A plugin: this one (`context.extension`), or one that it uses.
 *
 * @typeParam T What its `activate` returns.
 */
export interface Extension<T = unknown> {
  /** `publisher.name`, or `name` without a publisher. */
  readonly id: string;
  /** Its manifest: a `displayName`, settings, commands. */
  readonly packageJSON: PackageJson;
  /** Absolute path of its folder. A plugin can read its own alone. */
  readonly extensionPath: string;
  /** Whether it is active now. False while it is being restarted, say after a crash. */
  readonly isActive: boolean;
  /**
   * What its `activate` has returned; undefined until it has been active for the first time, or if it returns nothing.
   *
   * Each function is a call to another process: it returns a promise, has 30 s, and takes and returns JSON, with the same refusals as
   * {@link Commands}. An error that it throws has the `name` and the `code` of the original, which is its `cause`. A
   * {@link CancellationToken} as the last argument is not sent: the function gets one in its place, and when it throws after it has been
   * cancelled, the call fails with `rpc.cancelled`. Everything else is a frozen copy, made when the plugin was activated.
   *
   * The functions can be kept. While the plugin is not active they fail with `plugin.failed`; when it is active again, after a crash or
   * an update, they work again.
   *
   * @example
   * ```ts
   * interface Raids {
   *   last(): { from: string; viewers: number } | null;
   * }
   *
   * const raids = extensions.getExtension<Raids>('someone.raids');
   * const last = await raids?.exports?.last();
   * ```
   */
  readonly exports: Remote<T> | undefined;
  /**
   * Activates it, if it is not active. Plugins in `extensionDependencies` are before this one is; those in
   * `optionalExtensionDependencies` may not be.
   *
   * @returns What it exports.
   * @throws An error with the code `plugin.failed` if it is not active in time. Two plugins whose `activate` waits for each other end so.
   */
  activate(): Promise<Remote<T>>;
}

/**
 * The plugins that this one names in its `package.json`: in `extensionDependencies`, without which it does not run, or in
 * `optionalExtensionDependencies`, which it uses where they are there. No others can be seen.
 */
export interface Extensions {
  /**
   * One of them.
   *
   * @typeParam T What the other plugin's `activate` returns; nothing checks that.
   * @returns Undefined if the plugin is not there: not installed, disabled, or refused.
   * @throws An error with the code `permission.denied` if `package.json` does not name it.
   */
  getExtension<T = unknown>(id: string): Extension<T> | undefined;
  /** Those that are there, this plugin first. */
  readonly all: readonly Extension[];
  /** Fires when one of them has been added, removed, activated or deactivated, or exports something else. */
  readonly onDidChange: Event<void>;
}
