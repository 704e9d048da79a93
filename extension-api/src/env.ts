import type { Event } from './lifecycle.js';

/**
 * What isolates the plugin's process from the rest of the machine:
 *
 * - `strict`: the operating system. The process sees only its own folders, and the network only with the permission
 * `network`.
 * - `standard`: Node's permission model, which restricts files and processes; the network on newer versions only.
 * - `none`: it runs inside Bulkhead's core.
 */
export type IsolationTier = 'strict' | 'standard' | 'none';

/** The environment that the plugin runs in. */
export interface Environment {
  /** Version of this API that Bulkhead implements, for example `1.2.0`. */
  readonly apiVersion: string;
  /** Bulkhead's own version. */
  readonly appVersion: string;
  /** The operating system, as Node names it: `linux`, `darwin`, `win32` … */
  readonly platform: string;
  /** Write for `strict`: code that works there works everywhere. */
  readonly isolationTier: IsolationTier;
  /**
   * The streamer's name for this kind of broadcast, such as `gaming`; `default` if none is configured. It can change
   * when a broadcast begins.
   */
  readonly profile: string;
  /**
   * Fires when the profile has changed; `context.profileState` already has its values by then.
   *
   * @example
   * ```ts
   * env.onDidChangeProfile(() => show(context.profileState.get('layout', 'wide')), undefined, context.subscriptions);
   * ```
   */
  readonly onDidChangeProfile: Event<string>;
}
