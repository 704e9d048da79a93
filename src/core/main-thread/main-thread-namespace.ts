import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import type { Event } from '../../base/event.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import type { PluginExports } from '../../protocol/plugin-exports.js';
import type { Log } from '../log/log.js';
import type { HostChannel } from './host-channel.js';

/** A plugin that is active now. */
export interface ActivatedPlugin {
  readonly id: string;
  readonly exports: PluginExports | undefined;
}

/** What happens to one run of a host, and its plugins in it. */
export interface HostLifecycle {
  /** A plugin is about to be activated: fires with its id. */
  readonly onWillActivate: Event<string>;
  /** A plugin has been activated. */
  readonly onDidActivate: Event<ActivatedPlugin>;
  /** An active plugin is about to be deactivated: fires with its id. It does not fire when the host ends. */
  readonly onWillDeactivate: Event<string>;
  /** Permissions of its plugins have been granted or revoked: `granted` of each says which it has. */
  readonly onDidRegrant: Event<void>;
  /** Whether the host has ended unexpectedly. */
  hasFailed(): boolean;
}

/** One extension host, as seen by the API namespaces. */
export interface ServedHost {
  readonly channel: HostChannel;
  /** Where it sends frames of its plugins; undefined if it cannot. */
  readonly frames?: Readable | undefined;
  /** The plugins that run in it. */
  readonly plugins: readonly InstalledPlugin[];
  /** Log for messages about it. */
  readonly log: Log;
  readonly lifecycle: HostLifecycle;
}

export const MainThreadNamespace = Symbol('MainThreadNamespace');

/**
 * The core's side of one namespace of the plugin API, for all hosts. Its pair in the host is called `ExtHostX`; all of them are
 * listed in `bindMainThread`.
 */
export interface MainThreadNamespace {
  /** Serves one host from now on. @returns the state kept for that host; disposed of when the host has ended. */
  serve(host: ServedHost): Disposable;
  /** The plugin was stopped, and is not restarted by itself: nothing of it stays, not even what outlasts a failure. */
  release?(plugin: string): void;
}
