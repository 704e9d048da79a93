import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { InspectorOptions } from '../protocol/inspector.js';
import { discoverPlugins } from './discover-plugins.js';
import type { InstalledPlugin, PluginSource } from './installed-plugin.js';
import { joinErrors, noSuchPlugin } from './plugin-error.js';

/** The plugins of all sources, each of which changes independently. */
export class PluginSources {
  private readonly lists: Record<PluginSource, readonly InstalledPlugin[]> = {
    development: [],
    folder: [],
    library: [],
  };

  /** The folders of those in development as they were named, by id: a link may lead elsewhere later. */
  private readonly developed = new Map<string, string>();

  /** Including those replaced by another one. */
  get all(): readonly InstalledPlugin[] {
    return Object.values(this.lists).flat();
  }

  of(source: PluginSource): readonly InstalledPlugin[] {
    return this.lists[source];
  }

  set(source: 'folder' | 'library', plugins: readonly InstalledPlugin[]): void {
    this.lists[source] = plugins;
  }

  /** All plugins there would be with these in place of the configuration's. */
  withFolders(plugins: readonly InstalledPlugin[]): readonly InstalledPlugin[] {
    return [...this.lists.development, ...plugins, ...this.lists.library];
  }

  /**
   * Finds the plugins in the configuration's folders, and checks them together with those of the other sources. Changes
   * nothing.
   *
   * @throws `plugin.invalid` with every error.
   */
  find(folders: readonly string[]): readonly InstalledPlugin[] {
    const { plugins, errors } = discoverPlugins(folders, this.withFolders([]));
    if (errors.length > 0) throw joinErrors(errors);
    return plugins;
  }

  /**
   * Adds the plugin in this folder to those in development.
   *
   * @param inspector Opened in its process, for a debugger.
   * @throws `plugin.invalid` with every error in it, or if it is already in development.
   */
  develop(folder: string, inspector?: InspectorOptions): InstalledPlugin {
    const plugin = this.findOne(folder, { inspector });
    const other = this.lists.development.find(({ id }) => id === plugin.id);
    if (other !== undefined) {
      throw new BulkheadError(
        ErrorCodes.pluginInvalid,
        `the plugin "${plugin.id}" is in development already, in ${other.path}`,
        { where: plugin.path, remedy: 'End the other "bulkhead plugin dev" first.' },
      );
    }
    this.lists.development = [...this.lists.development, plugin];
    this.developed.set(plugin.id, folder);
    return plugin;
  }

  /** Reads a plugin in development again. @throws `plugin.invalid`; then nothing has changed. */
  reread(id: string): void {
    const before = this.lists.development.find((plugin) => plugin.id === id);
    if (before === undefined) throw noSuchPlugin(id);
    const folder = this.developed.get(id) ?? before.path;
    const plugin = this.findOne(folder, { id, inspector: before.inspector });
    this.lists.development = this.lists.development.map((other) => (other === before ? plugin : other));
  }

  endDevelopment(id: string): void {
    this.lists.development = this.lists.development.filter((plugin) => plugin.id !== id);
    this.developed.delete(id);
  }

  /** @param expected Its id; any if undefined. */
  private findOne(
    folder: string,
    { id, inspector }: { readonly id?: string; readonly inspector: InspectorOptions | undefined },
  ): InstalledPlugin {
    const others = this.all.filter((plugin) => plugin.path !== folder && plugin.id !== id);
    const { plugins, errors } = discoverPlugins([folder], others);
    if (errors.length > 0) throw joinErrors(errors);
    const [plugin] = plugins;
    if (plugin !== undefined && plugins.length === 1 && (id === undefined || plugin.id === id)) {
      return { ...plugin, source: 'development', ...(inspector === undefined ? {} : { inspector }) };
    }
    const expected = id === undefined ? 'one plugin' : `the plugin "${id}"`;
    const got = plugins.map((one) => `"${one.id}"`).join(', ');
    throw new BulkheadError(
      ErrorCodes.pluginInvalid,
      `${folder}: expected the folder of ${expected}, got ${got}`,
      { where: folder },
    );
  }
}
