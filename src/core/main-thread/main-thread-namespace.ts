import type { Disposable } from 'vscode-jsonrpc';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import type { Log } from '../log/log.js';
import type { HostChannel } from './host-channel.js';

/** One extension host, as seen by the API namespaces. */
export interface ServedHost {
  readonly channel: HostChannel;
  /** The plugins that run in it. */
  readonly plugins: readonly InstalledPlugin[];
  /** Log for messages about it. */
  readonly log: Log;
}

export const MainThreadNamespace = Symbol('MainThreadNamespace');

/**
 * The core's side of one namespace of the plugin API, for all hosts. Its pair in the host is called `ExtHostX`; all of them are
 * listed in `bindMainThread`.
 */
export interface MainThreadNamespace {
  /** Serves one host from now on. @returns the state kept for that host; disposed of when the host has ended. */
  serve(host: ServedHost): Disposable;
}
