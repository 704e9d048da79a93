import type { CancellationToken, Disposable } from './lifecycle.js';
import type { Memento, SecretStorage } from './storage.js';
import type { LogOutputChannel } from './window.js';

/** Who the plugin is, from its `package.json`. */
export interface Extension {
  /** `publisher.name`, or `name` without a publisher. */
  readonly id: string;
  readonly version: string;
  readonly displayName: string;
  /** Absolute path of the plugin's folder. */
  readonly path: string;
}

/** What a plugin is given when it is activated. */
export interface ExtensionContext {
  readonly extension: Extension;
  /** Disposed of, last one first, after `deactivate` has returned. */
  readonly subscriptions: Disposable[];
  /** The plugin's log. */
  readonly log: LogOutputChannel;
  /** What the plugin remembers from one run to the next. */
  readonly globalState: Memento;
  /**
   * The same for the streamer's present profile alone: each has values of its own. When the profile changes, with the next
   * broadcast, it holds the new one's values by the time `env.onDidChangeProfile` fires. An `update` that comes too late
   * for its profile fails with `storage.failed`, so that nothing lands in the wrong one.
   *
   * @example
   * ```ts
   * const goal = context.profileState.get('followerGoal', 100);
   * ```
   */
  readonly profileState: Memento;
  /**
   * Absolute path of a folder of the plugin's own, which it may read and write as it likes: caches, databases, reports. It
   * is there, is kept from one run and one version to the next, and is the only place on the disk that it may write.
   *
   * @example
   * ```ts
   * await writeFile(join(context.storagePath, 'report.html'), html);
   * ```
   */
  readonly storagePath: string;
  /** The plugin's own passwords and tokens. */
  readonly secrets: SecretStorage;
  /** An absolute path of something in the plugin's folder. */
  asAbsolutePath(relativePath: string): string;
}

/**
 * What the module that `main` names exports.
 *
 * @example
 * ```ts
 * export function activate(context: ExtensionContext) {
 *   context.subscriptions.push(commands.registerCommand('my-plugin.hello', () => 'Hello!'));
 * }
 * ```
 */
export interface ExtensionModule {
  /**
   * Called once in a process, when the plugin is started, and again in the new process after a crash. It has 10 s.
   *
   * @param token Cancelled when that time is over.
   */
  activate(context: ExtensionContext, token: CancellationToken): unknown;
  /** Called before the plugin ends, for what `subscriptions` cannot do. It has 5 s. */
  deactivate?(): unknown;
}
