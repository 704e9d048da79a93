import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { discoverPlugins } from './discover-plugins.js';
import type { InstalledPlugin, PluginSource } from './installed-plugin.js';
import { joinErrors, noSuchPlugin } from './plugin-error.js';

/** The plugins of all sources, each of which changes by itself. */
export class PluginSources {
  private readonly lists: Record<PluginSource, readonly InstalledPlugin[]> = {
    development: [],
    folder: [],
    library: [],
  };

  /** Also those in whose place another one runs. */
  get all(): readonly InstalledPlugin[] {
    return Object.values(this.lists).flat();
  }

  of(source: PluginSource): readonly InstalledPlugin[] {
    return this.lists[source];
  }

  set(source: 'folder' | 'library', plugins: readonly InstalledPlugin[]): void {
    this.lists[source] = plugins;
  }

  /** All there would be, with these in place of those that the configuration names. */
  withFolders(plugins: readonly InstalledPlugin[]): readonly InstalledPlugin[] {
    return [...this.lists.development, ...plugins, ...this.lists.library];
  }

  /**
   * The plugins in folders that the configuration names, checked beside those of the other sources. Nothing has changed.
   *
   * @throws `plugin.invalid` with every mistake.
   */
  find(folders: readonly string[]): readonly InstalledPlugin[] {
    const { plugins, errors } = discoverPlugins(folders, this.withFolders([]));
    if (errors.length > 0) throw joinErrors(errors);
    return plugins;
  }

  /**
   * Takes the plugin in this folder into development.
   *
   * @throws `plugin.invalid` with every mistake in it, or when it is in development already.
   */
  develop(folder: string): InstalledPlugin {
    const plugin = this.findOne(folder);
    const other = this.lists.development.find(({ id }) => id === plugin.id);
    if (other !== undefined) {
      throw new BulkheadError(
        ErrorCodes.pluginInvalid,
        `the plugin "${plugin.id}" is in development already, in ${other.path}`,
        { where: plugin.path, remedy: 'End the other "bulkhead plugin dev" first.' },
      );
    }
    this.lists.development = [...this.lists.development, plugin];
    return plugin;
  }

  /** Reads a plugin in development anew. @throws `plugin.invalid`; then nothing has changed. */
  reread(id: string): void {
    const before = this.lists.development.find((plugin) => plugin.id === id);
    if (before === undefined) throw noSuchPlugin(id);
    const plugin = this.findOne(before.path, id);
    this.lists.development = this.lists.development.map((other) => (other === before ? plugin : other));
  }

  endDevelopment(id: string): void {
    this.lists.development = this.lists.development.filter((plugin) => plugin.id !== id);
  }

  /** @param id What its id has to be; any without it. */
  private findOne(folder: string, id?: string): InstalledPlugin {
    const others = this.all.filter((plugin) => plugin.path !== folder);
    const { plugins, errors } = discoverPlugins([folder], others);
    if (errors.length > 0) throw joinErrors(errors);
    const [plugin] = plugins;
    if (plugin !== undefined && plugins.length === 1 && (id === undefined || plugin.id === id)) {
      return { ...plugin, source: 'development' };
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
