import type { Disposable, Event } from './lifecycle.js';

/**
 * What isolates the plugin's process from the rest of the machine:
 *
 * - `strict`: the operating system. The process sees only its own folders and what its permissions name: hosts by `network`, files by
 * `file:read`.
 * - `standard`: Node's permission model, which restricts files and processes; the network on newer versions only.
 * - `none`: it runs inside Bulkhead's core.
 */
export type IsolationTier = 'strict' | 'standard' | 'none';

/** Options of {@link Environment.createCallback}. */
export interface CallbackOptions {
  /** How long the address stays open, ms: above 0; 600,000 (ten minutes) at most, 300,000 by default. */
  readonly timeoutMs?: number;
}

/** An address on this computer that takes one request of the streamer's browser. Disposing closes it. */
export interface CallbackAddress extends Disposable {
  /** `http://127.0.0.1:PORT/PATH`, for `redirect_uri`. The port and the path are others each time. */
  readonly url: string;
  /**
   * The query of its request, such as `{ code: '…', state: '…' }`; of a name that is there twice, the first value. `undefined` if there was
   * none in time, or it was disposed of. Check `state`: programs on this computer may know the address.
   */
  readonly query: Promise<Readonly<Record<string, string>> | undefined>;
}

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
  /** The streamer's language, such as `en` or `zh-cn`. Texts in it come from {@link L10n}. */
  readonly language: string;
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

  /**
   * Opens an address in the streamer's browser. The first time that the plugin opens one of a site, the streamer is asked. Where Bulkhead
   * runs without a desktop, a notice shows the address. A plugin can open five at once, and one every ten seconds after that.
   *
   * @param url begins with `https://` or `http://`, has no login, and 4096 characters at most.
   * @returns Whether it was opened or shown; false if the streamer did not want it, or did not answer within ten minutes.
   * @throws An error with the code `config.invalid` for another address, `rpc.busy` if there are too many.
   */
  openExternal(url: string): Promise<boolean>;

  /**
   * Opens an address that a site in the streamer's browser can answer to, as OAuth does with loopback redirects (RFC 8252). Bulkhead
   * listens on this computer only, and takes one request; the plugin itself needs no permission, and gets its query. Three can be open.
   *
   * @example
   * ```ts
   * const callback = await env.createCallback();
   * context.subscriptions.push(callback);
   * const state = randomUUID();
   * const asked = new URLSearchParams({ client_id, response_type: 'code', redirect_uri: callback.url, state, ...pkce });
   * await env.openExternal(`https://accounts.example.com/authorize?${asked}`);
   * const query = await callback.query;
   * if (query?.state === state) await exchange(query.code, callback.url);
   * ```
   *
   * @throws An error with the code `rpc.busy` if there are too many.
   */
  createCallback(options?: CallbackOptions): Promise<CallbackAddress>;
}
