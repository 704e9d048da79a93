import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import type { Settings } from '../../../plugins/settings.js';
import type { IsolationTier } from '../../../protocol/control.js';
import type { Log } from '../../log/log.js';
import type { BroadcastFeed } from '../../main-thread/broadcast-feed.js';
import type { CommandRegistry } from '../../main-thread/command-registry.js';
import type { SupervisionLimits } from '../../processes/supervision-limits.js';
import type { Dialogs } from '../../streamer/dialogs.js';
import type { NoticeSink } from '../../streamer/notice-sink.js';
import type { HostLauncher } from '../isolation/host-launchers.js';
import type { PluginStore } from '../store/plugin-store.js';
import type { StartQueue } from './start-queue.js';

/** How long plugins may take, ms. */
export interface PluginDeadlines {
  /** For loading the module and for `activate`. */
  readonly activateMs: number;
  readonly deactivateMs: number;
  /** For one run of a command. */
  readonly commandMs: number;
}

export const DEFAULT_DEADLINES: PluginDeadlines = {
  activateMs: 10_000,
  deactivateMs: 5000,
  commandMs: 30_000,
};

export interface ExtensionHostStubOptions {
  readonly launcher: HostLauncher;
  readonly logLevel: string;
  /** What it loads: one plugin, or a group that shares the host. */
  readonly plugins: readonly InstalledPlugin[];
  /** Keeps it from starting together with too many others. */
  readonly queue?: Pick<StartQueue, 'add' | 'remove'>;
  /** When a host of these plugins crashed under a core before, by `performance.now()`. */
  readonly crashesBefore?: readonly number[];
  /** Resolves when its plugins may be activated: the host that had them before has ended. */
  readonly after?: Promise<void>;
  /** Resolves when the plugins that this one depends on are active. */
  readonly activateDependencies: (plugin: InstalledPlugin) => Promise<void>;
  readonly commands: CommandRegistry;
  /** What keeps the host from the rest of the machine. */
  readonly tier: IsolationTier;
  readonly feed: BroadcastFeed;
  readonly settings: Settings;
  readonly store: PluginStore;
  readonly dialogs: Dialogs;
  readonly notices: NoticeSink;
  readonly log: Log;
  readonly deadlines?: Partial<PluginDeadlines>;
  readonly limits?: Partial<SupervisionLimits>;
}
