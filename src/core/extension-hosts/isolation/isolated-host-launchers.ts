import type { IsolationTier } from '../../../protocol/status/extension-host-status.js';
import type { HostLauncher, HostLaunchers, HostMember } from './host-launchers.js';
import { IsolatedHostLauncher, type IsolatedHostOptions } from './isolated-host-launcher.js';
import type { Isolation } from './isolation.js';

/** Launches each host as a process, isolated as far as this machine allows. */
export class IsolatedHostLaunchers implements HostLaunchers {
  constructor(
    private readonly isolation: Isolation,
    private readonly options: IsolatedHostOptions = {},
  ) {}

  get tier(): IsolationTier {
    return this.isolation.tier;
  }

  launcherFor(members: readonly HostMember[]): HostLauncher {
    return new IsolatedHostLauncher(this.isolation, members, this.options);
  }
}
