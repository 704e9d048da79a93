import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { ExtensionHostStatus } from '../../protocol/status/extension-host-status.js';
import type { RefusedPlugin } from '../combine-plugins.js';
import type { InstalledPlugin } from '../installed-plugin.js';

/** Runs plugins: the core's extension hosts. */
export interface RunningPlugins {
  /** All plugins of all sources, including those replaced by another one. */
  readonly plugins: readonly InstalledPlugin[];
  /** Those that do not run because they conflict with others or lack a dependency. */
  readonly refused: readonly RefusedPlugin[];
  /** The running plugin with this id, of any source. */
  find(id: string): InstalledPlugin | undefined;
  status(): readonly ExtensionHostStatus[];
  /** Sets the installed plugins that run. Unchanged plugins keep running. */
  setLibrary(plugins: readonly InstalledPlugin[]): void;
  /**
   * Resolves when no host of the plugin is ending, and the plugin is active again if it has been
   * activated.
   *
   * @throws `plugin.failed` if it was not active in time.
   */
  activeAgain(id: string): Promise<void>;
  /** As `activeAgain`, after a restart of its host. */
  restart(id: string): Promise<void>;
}

/** Used while no core runs. */
export class NoRunningPlugins implements RunningPlugins {
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
