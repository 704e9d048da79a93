import type { Event } from './lifecycle.js';

/**
 * What the plugin may do: the `permissions` of its `package.json`, as far as the streamer has granted them, and of its
 * `optionalPermissions` those that it has asked for while it runs.
 */
export interface Permissions {
  /**
   * Whether the plugin has the permission, or one that includes it, now. The streamer can grant and revoke permissions at any time.
   *
   * @param permission As in `package.json`: `scenes`, `network:api.twitch.tv`.
   * @throws An error with the code `config.invalid` for what is no permission.
   */
  has(permission: string): boolean;

  /**
   * Asks the streamer for one of the `optionalPermissions`, or for a part of one, where the plugin does not have it; resolves with
   * whether it has it now. The streamer may take minutes, and 10 at most: ask when something needs the permission, and not in
   * `activate`, which has a deadline.
   *
   * What the streamer has agreed to is remembered, and asked for no more. After a no it resolves to `false` at once, until Bulkhead is
   * started again; `bulkhead plugin allow` grants the permission all the same. With `network` or a `file:read:…` the plugin is started
   * again, so that this call does not return.
   *
   * @param permission As in `package.json`: `network:api.twitch.tv`.
   * @throws An error with the code `permission.denied` if neither list of `package.json` has it; `config.invalid` for what is no
   * permission; `rpc.busy` while another question of the plugin for a permission is open, or after too many.
   *
   * @example
   * ```ts
   * if (!(await permissions.request('network:api.twitch.tv'))) return;
   * const answer = await fetch('https://api.twitch.tv/helix/streams');
   * ```
   */
  request(permission: string): Promise<boolean>;

  /** Fires when permissions of the plugin have been granted or revoked. */
  readonly onDidChange: Event<void>;
}
