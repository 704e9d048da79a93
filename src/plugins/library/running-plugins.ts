import type { ExtensionHostStatus } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { RefusedPlugin } from '../combine-plugins.js';
import type { InstalledPlugin } from '../installed-plugin.js';

/** What runs plugins: the core's extension hosts. */
export interface RunningPlugins {
  /** All plugins of all sources, also those in whose place another one runs. */
  readonly plugins: readonly InstalledPlugin[];
  /** Those that do not run, since something is wrong between them and others. */
  readonly refused: readonly RefusedPlugin[];
  /** The plugin that runs with this id, whatever its source. */
  find(id: string): InstalledPlugin | undefined;
  status(): readonly ExtensionHostStatus[];
  /** Runs, of the installed plugins, these and no others. Those that nothing has changed about go on. */
  setLibrary(plugins: readonly InstalledPlugin[]): void;
  /**
   * Resolves when nothing of the plugin is ending, and it is active again if anything has activated it.
   *
   * @throws `plugin.failed` when it was not active in time.
   */
  activeAgain(id: string): Promise<void>;
  /** As `activeAgain`, after a restart of its host. */
  restart(id: string): Promise<void>;
}

/** While no core runs. */
export class NothingRuns implements RunningPlugins {
  plugins: readonly InstalledPlugin[] = [];
  readonly refused = [];

  find(): undefined {
    return undefined;
  }

  status(): readonly ExtensionHostStatus[] {
    return [];
  }

  setLibrary(plugins: readonly InstalledPlugin[]): void {
    this.plugins = plugins;
  }

  async activeAgain(): Promise<void> {}

  async restart(id: string): Promise<void> {
    throw new BulkheadError(ErrorCodes.coreNotRunning, `the plugin "${id}" is not running: no core does`, {
      where: id,
      remedy: 'Give the address of a running core with --address.',
    });
  }
}
