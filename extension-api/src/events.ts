import type { Disposable } from './lifecycle.js';

/**
 * Events between plugins. The plugin that fires one declares it:
 *
 * ```json
 * "contributes": { "events": [{ "event": "raids.raid", "description": "Somebody raids the channel." }] }
 * ```
 *
 * A plugin that listens asks for the permission, and may be activated by it:
 *
 * ```json
 * "permissions": ["events:raids.raid"],
 * "activationEvents": ["onEvent:raids.raid"]
 * ```
 */
export interface Events {
  /**
   * Fires an event of this plugin.
   *
   * @example
   * ```ts
   * await events.fire('raids.raid', { from: 'somebody', viewers: 120 });
   * ```
   *
   * @param event Declared in `contributes.events`. Its name begins with the plugin's own.
   * @param payload JSON, as with {@link Commands}: at most 16,384 characters of it.
   * @returns Resolves when Bulkhead has the event, not when others have handled it.
   * @throws An error with the code `plugin.invalid` if the event is not declared, `rpc.unencodable` or `rpc.tooLarge` for such a payload,
   * `rpc.busy` for more than 100 events at once and 50 a second after that, or more than 262,144 characters at once and 65,536 a second.
   */
  fire(event: string, payload?: unknown): Promise<void>;

  /**
   * Listens to an event of another plugin. Without `events:EVENT` in `permissions` or `optionalPermissions` the activation fails; while the streamer has not
   * allowed it, nothing arrives.
   *
   * What has activated this plugin by `onEvent:EVENT` arrives once it listens, if it does so in `activate`. Of events that it does not
   * handle in time, 100 wait; further ones are dropped, which the log says.
   *
   * @example
   * ```ts
   * events.on<{ from: string }>('raids.raid', ({ from }) => greet(from), undefined, context.subscriptions);
   * ```
   *
   * @typeParam T What is fired with it; nothing checks that.
   * @param listener Called with each event. Errors that it throws are reported with the plugin's name.
   * @param thisArgs `this` in the listener.
   * @param disposables A list, usually `context.subscriptions`, that the returned disposable is added to.
   */
  on<T = unknown>(
    event: string,
    listener: (payload: T) => unknown,
    thisArgs?: unknown,
    disposables?: Disposable[],
  ): Disposable;
}
