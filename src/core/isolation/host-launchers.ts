import type { IsolationTier } from '../../protocol/control.js';
import type { PluginPackage } from '../../protocol/extension-host.js';
import type { PartLauncher } from '../processes/part-launcher.js';

/** What of a plugin says how its host is launched. */
export interface HostedPackage extends Pick<PluginPackage, 'path' | 'main'> {
  /** The permissions that it has been granted; of them only `network` matters here. */
  readonly granted?: readonly string[];
}

export const HostLaunchers = Symbol('HostLaunchers');

/** How plugins' hosts are launched in this run mode, on this machine. */
export interface HostLaunchers {
  readonly tier: IsolationTier;
  /**
   * For a host that holds this plugin alone.
   *
   * @param storagePath The folder that it may write.
   */
  launcherFor(plugin: HostedPackage, storagePath: string): PartLauncher;
}
