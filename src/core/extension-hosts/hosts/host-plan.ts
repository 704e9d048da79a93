import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import type { Log } from '../../log/log.js';
import type { CommandRegistry } from '../../main-thread/command-registry.js';
import type { MainThreadNamespace } from '../../main-thread/main-thread-namespace.js';
import type { PluginDeadlines } from '../../main-thread/plugin-deadlines.js';
import type { SupervisionLimits } from '../../processes/supervision-limits.js';
import type { NoticeSink } from '../../streamer/notice-sink.js';
import type { StatusItems } from '../../streamer/status-items.js';
import type { HostLaunchers } from '../isolation/host-launchers.js';
import type { PluginStore } from '../store/plugin-store.js';
import type { StartQueue } from './start-queue.js';

/** The properties that differ between hosts. */
export interface HostPlan {
  /** Its plugins: one, or a group that shares the host. */
  readonly plugins: readonly InstalledPlugin[];
  /** Limits how many hosts start at the same time. */
  readonly queue?: Pick<StartQueue, 'add' | 'remove'>;
  /** When a host with these plugins crashed under a previous core, by `performance.now()`. */
  readonly crashesBefore?: readonly number[];
  /** Resolves when its plugins may be activated: the host that ran them before has ended. */
  readonly after?: Promise<void>;
  /** Resolves when the plugins that this one depends on are active. */
  readonly activateDependencies: (plugin: InstalledPlugin) => Promise<void>;
  readonly log: Log;
}

/** The services that all hosts share; provided by `ExtensionHostFactory`. */
export interface HostServices {
  readonly launchers: HostLaunchers;
  readonly logLevel: string;
  readonly namespaces: readonly MainThreadNamespace[];
  readonly commands: Pick<CommandRegistry, 'contribute'>;
  readonly store: Pick<PluginStore, 'foldersOf' | 'makeFilesFolder'>;
  readonly statusItems: Pick<StatusItems, 'of'>;
  readonly notices: NoticeSink;
  readonly deadlines: PluginDeadlines;
  readonly limits: Partial<SupervisionLimits>;
}
