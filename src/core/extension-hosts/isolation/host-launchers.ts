import type { Event } from '../../../base/event.js';
import type { IsolationTier } from '../../../protocol/control.js';
import type { PluginPackage } from '../../../protocol/extension-host.js';
import type { PartLauncher } from '../../processes/part-launcher.js';

/** What of a plugin says how its host is launched. */
export interface HostedPackage extends Pick<PluginPackage, 'path' | 'main'> {
  /** The permissions that it has been granted; of them only `network` matters here. */
  readonly granted?: readonly string[];
  /** One in `development` is profiled all the time. */
  readonly source?: string;
}

/** One of the plugins of a host. */
export interface HostMember {
  readonly plugin: HostedPackage;
  readonly folders: PluginFolders;
}

/** The folders outside of its package that belong to a plugin. */
export interface PluginFolders {
  /** What it may write. */
  readonly storage: string;
  /** Where its CPU profiles are kept, for its author. */
  readonly profiles: string;
}

/** Where the CPU profile of a host that hung has been written, or why it could not be. */
export type ProfileOutcome = { readonly path: string } | { readonly error: unknown };

export interface HostLauncher extends PartLauncher {
  /** A host that hung is gone, and has been profiled. */
  readonly onDidProfile?: Event<ProfileOutcome>;
  /** Makes ready on the disk what a launch needs, which is synchronous. What fails is what the launch fails by. Never rejects. */
  prepare?(): Promise<void>;
  /**
   * Nothing is launched until it is prepared again: removes what has been made ready. Resolves when no profile is being made any
   * more; those that take longer than this are given up. Never rejects.
   */
  release?(withinMs: number): Promise<void>;
}

export const HostLaunchers = Symbol('HostLaunchers');

/** How plugins' hosts are launched in this run mode, on this machine. */
export interface HostLaunchers {
  readonly tier: IsolationTier;
  /** For a host that holds these plugins, all with the same rights. */
  launcherFor(members: readonly HostMember[]): HostLauncher;
}
