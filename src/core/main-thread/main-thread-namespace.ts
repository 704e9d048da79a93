import type { Disposable } from 'vscode-jsonrpc';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import type { Log } from '../log/log.js';
import type { HostChannel } from './host-channel.js';

/** One extension host, as the namespaces of the API serve it. */
export interface ServedHost {
  readonly channel: HostChannel;
  /** The plugins that it holds. */
  readonly plugins: readonly InstalledPlugin[];
  /** Where what concerns them is logged. */
  readonly log: Log;
}

export const MainThreadNamespace = Symbol('MainThreadNamespace');

/**
 * The core's side of one namespace of the plugin API, for all hosts. Its pair in the host is called `ExtHostX`; all of them are
 * listed in `bindMainThread`.
 */
export interface MainThreadNamespace {
  /** Serves one host from now on. @returns what it keeps for that host; disposed of when the host has ended. */
  serve(host: ServedHost): Disposable;
}
