import type { Event } from './lifecycle.js';

/**
 * What keeps the plugin's process from the rest of the machine:
 *
 * - `strict`: the operating system. It sees its own folders, and the network with the permission `network` alone.
 * - `standard`: Node's permission model, which keeps files and processes from it; the network on newer versions only.
 * - `none`: it runs inside Bulkhead's core.
 */
export type IsolationTier = 'strict' | 'standard' | 'none';

/** Where the plugin runs. */
export interface Environment {
  /** Version of this API that Bulkhead implements, for example `1.2.0`. */
  readonly apiVersion: string;
  /** Bulkhead's own version. */
  readonly appVersion: string;
  /** The operating system, as Node names it: `linux`, `darwin`, `win32` … */
  readonly platform: string;
  /** Write for `strict`: what works there works everywhere. */
  readonly isolationTier: IsolationTier;
  /** Whether the plugin runs by `bulkhead plugin dev`, for example to log more. */
  readonly isDevelopment: boolean;
  /**
   * The streamer's name for this kind of broadcast, such as `gaming`; `default` where none is configured. It can become
   * another one when a broadcast begins.
   */
  readonly profile: string;
  /**
   * Fires when the profile has become another one; `context.profileState` holds what is stored for it by then.
   *
   * @example
   * ```ts
   * env.onDidChangeProfile(() => show(context.profileState.get('layout', 'wide')), undefined, context.subscriptions);
   * ```
   */
  readonly onDidChangeProfile: Event<string>;
}
