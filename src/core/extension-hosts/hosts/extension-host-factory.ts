import { inject, injectable, multiInject, optional } from 'inversify';
import type { IsolationTier } from '../../../protocol/status/extension-host-status.js';
import { CoreOptions } from '../../core-options.js';
import { CommandRegistry } from '../../main-thread/command-registry.js';
import { MainThreadNamespace } from '../../main-thread/main-thread-namespace.js';
import { PluginDeadlines } from '../../main-thread/plugin-deadlines.js';
import type { SupervisionLimits } from '../../processes/supervision-limits.js';
import { NoticeSink } from '../../streamer/notice-sink.js';
import { StatusItems } from '../../streamer/status-items.js';
import { HostLaunchers } from '../isolation/host-launchers.js';
import { PluginStore } from '../store/plugin-store.js';
import { ExtensionHostStub } from './extension-host-stub.js';
import type { HostPlan, HostServices } from './host-plan.js';

export const HostSupervision = Symbol('HostSupervision');

/** Supervision limits of plugin hosts that differ from the general ones. */
export type HostSupervision = Partial<SupervisionLimits>;

/** Creates extension hosts. */
@injectable()
export class ExtensionHostFactory {
  private readonly services: HostServices;
  /** How hosts are isolated. */
  readonly tier: IsolationTier;

  constructor(
    @inject(HostLaunchers) launchers: HostLaunchers,
    @inject(CoreOptions) { logLevel }: Pick<CoreOptions, 'logLevel'>,
    @multiInject(MainThreadNamespace) namespaces: readonly MainThreadNamespace[],
    @inject(CommandRegistry) commands: Pick<CommandRegistry, 'contribute'>,
    @inject(PluginStore) store: Pick<PluginStore, 'foldersOf' | 'makeFilesFolder'>,
    @inject(StatusItems) statusItems: Pick<StatusItems, 'of'>,
    @inject(NoticeSink) notices: NoticeSink,
    @inject(PluginDeadlines) deadlines: PluginDeadlines,
    @inject(HostSupervision) @optional() limits: HostSupervision = {},
  ) {
    this.tier = launchers.tier;
    this.services = {
      launchers,
      logLevel,
      namespaces,
      commands,
      store,
      statusItems,
      notices,
      deadlines,
      limits,
    };
  }

  /** Creates a host without starting it. */
  create(plan: HostPlan): ExtensionHostStub {
    return new ExtensionHostStub(plan, this.services);
  }
}
