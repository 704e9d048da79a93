import type { Event } from '../../../base/event.js';
import type { PluginPackage } from '../../../protocol/extension-host.js';
import type { InspectorOptions } from '../../../protocol/inspector.js';
import type { IsolationTier } from '../../../protocol/status/extension-host-status.js';
import type { PartLauncher } from '../../processes/part-launcher.js';
import type { Grants } from './granted-network.js';

/** The parts of a plugin that determine how its host is launched. */
export interface HostedPackage extends Pick<PluginPackage, 'path' | 'main'>, Grants {
  /** A plugin in `development` is always profiled. */
  readonly source?: string;
  /** A plugin that is debugged: see `NodeRights.inspected`. */
  readonly inspector?: InspectorOptions | undefined;
}

/** One of the plugins of a host. */
export interface HostMember {
  readonly plugin: HostedPackage;
  readonly folders: PluginFolders;
}

/** A plugin's folders outside of its package. */
export interface PluginFolders {
  /** Writable for the plugin. */
  readonly storage: string;
  /** Holds its CPU profiles, for its author. */
  readonly profiles: string;
}

/** Path of the CPU profile of a host that hung, or why it could not be written. */
export type ProfileOutcome = { readonly path: string } | { readonly error: unknown };

export interface HostLauncher extends PartLauncher {
  /** A host that hung has exited and has been profiled. */
  readonly onDidProfile?: Event<ProfileOutcome>;
  /** A file that a plugin may read is left out: what is said continues its name. */
  readonly onDidLeaveOut?: Event<string>;
  /** Whether its plugins could read a file that became Bulkhead's own after `prepare`, such as the configuration on air. */
  readonly isOutdated?: boolean;
  /**
   * Prepares files that a launch needs, since the launch itself is synchronous. If that fails, the launch fails with the error.
   * Never rejects.
   */
  prepare?(): Promise<void>;
  /** Permissions of its plugins have changed, none of which it needs another launch for. */
  regrant?(): void;
  /**
   * Removes the prepared files; before the next launch `prepare` must be called again. Resolves when no profile is being
   * written any more; those that take longer than this are cancelled. Never rejects.
   */
  release?(withinMs: number): Promise<void>;
}

export const HostLaunchers = Symbol('HostLaunchers');

/** How plugin hosts are launched in this run mode, on this machine. */
export interface HostLaunchers {
  readonly tier: IsolationTier;
  /** For a host with these plugins, all with the same permissions. */
  launcherFor(members: readonly HostMember[]): HostLauncher;
}
