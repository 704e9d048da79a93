import { isDeepStrictEqual } from 'node:util';
import { injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { noSuchPlugin } from '../../plugins/plugin-error.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { exportName, type PluginExports } from '../../protocol/plugin-exports.js';
import { type ExportCall, type SeenExtension } from '../../protocol/plugin-extensions.js';
import type { PluginCall } from './plugin-calls.js';

/** A plugin that runs, as far as others are concerned. */
export type ListedPlugin = Pick<
  InstalledPlugin,
  'id' | 'name' | 'packageJson' | 'path' | 'activationEvents' | 'granted'
>;

/** A plugin that is active. */
export interface ActivePlugin {
  readonly exports: PluginExports | undefined;
  /** Calls a function that it exports, in its host. */
  call(call: ExportCall, by: PluginCall): Promise<unknown>;
}

/** The plugins that run: which of them are active, and what they export. */
@injectable()
export class PluginDirectory implements Disposable {
  private plugins: ReadonlyMap<string, ListedPlugin> = new Map();
  private readonly active = new Map<string, ActivePlugin>();
  private activator: ((id: string) => Promise<void>) | undefined;
  private readonly emitter = new Emitter<string>();
  /** Fires with the id of a plugin that has been added, changed or removed, or that is active, or no longer. */
  readonly onDidChange: Event<string> = this.emitter.event;

  /** Sets the plugins that run, in their order: of two that may have the same name for something, the first one has it. */
  set(plugins: readonly ListedPlugin[]): void {
    const before = this.plugins;
    this.plugins = new Map(plugins.map((plugin) => [plugin.id, plugin]));
    for (const id of new Set([...before.keys(), ...this.plugins.keys()])) {
      const [then, now] = [before.get(id), this.plugins.get(id)];
      const same = then?.path === now?.path && isDeepStrictEqual(then?.packageJson, now?.packageJson);
      if (!same) this.emitter.fire(id);
    }
  }

  get all(): readonly ListedPlugin[] {
    return [...this.plugins.values()];
  }

  /** Sets what activates plugins. */
  activateBy(activator: (id: string) => Promise<void>): void {
    this.activator = activator;
  }

  /** @throws `plugin.failed` if the plugin is not active in time */
  async activate(id: string): Promise<void> {
    if (this.activator === undefined || !this.plugins.has(id)) throw noSuchPlugin(id);
    await this.activator(id);
  }

  /** The plugin is active until the returned object is disposed of. */
  markActive(id: string, plugin: ActivePlugin): Disposable {
    this.active.set(id, plugin);
    this.emitter.fire(id);
    return {
      dispose: () => {
        if (this.active.get(id) !== plugin) return;
        this.active.delete(id);
        this.emitter.fire(id);
      },
    };
  }

  isActive(id: string): boolean {
    return this.active.has(id);
  }

  /** A plugin as others see it; null if it does not run. */
  describe(id: string): SeenExtension | null {
    const plugin = this.plugins.get(id);
    if (plugin === undefined) return null;
    const { packageJson, path } = plugin;
    const active = this.active.get(id);
    return { id, packageJson, path, active: active !== undefined, exports: active?.exports };
  }

  /**
   * Calls a function that a plugin exports.
   *
   * @throws `plugin.failed` if the plugin is not active, has no such function, or its function fails
   */
  async call(id: string, call: ExportCall, by: PluginCall): Promise<unknown> {
    const name = exportName(call.path);
    const failure = (message: string, remedy?: string) =>
      new BulkheadError(ErrorCodes.pluginFailed, `${name}: ${message}`, { where: id, remedy });
    if (!this.plugins.has(id)) throw failure(`the plugin "${id}" does not run`);
    const active = this.active.get(id);
    if (active === undefined) {
      throw failure(`the plugin "${id}" is not active`, 'Call again when its "isActive" is true.');
    }
    const wanted = JSON.stringify(call.path);
    if (!(active.exports?.functions ?? []).some((path) => JSON.stringify(path) === wanted)) {
      throw failure(`the plugin "${id}" exports no such function`);
    }
    return active.call(call, by);
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
