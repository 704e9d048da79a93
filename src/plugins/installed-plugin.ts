import type { PluginDescription, PluginPackage } from '../protocol/extension-host.js';
import type { Contributions } from './contributions.js';
import type { Permission } from './manifest.js';

/**
 * Where a plugin comes from: the author's folder while it is developed, a folder that the broadcast's configuration names,
 * or the library of installed plugins. Of two with one id the earlier in this list runs.
 */
export const PLUGIN_SOURCES = ['development', 'folder', 'library'] as const;
export type PluginSource = (typeof PLUGIN_SOURCES)[number];

/** A plugin on the disk, checked. What hosts are told of it is the {@link PluginDescription} alone. */
export interface InstalledPlugin extends PluginPackage {
  /** Every one, the implied ones too. */
  readonly activationEvents: readonly string[];
  readonly contributes: Contributions;
  /** What its manifest asks for. */
  readonly permissions: readonly Permission[];
  /**
   * What of it the streamer has granted, and all that the core lets it do. For a folder that the streamer has named that is
   * everything. It is replaced while the plugin runs: whoever checks it reads it anew.
   */
  granted: readonly Permission[];
  readonly source: PluginSource;
  /** Ids of the plugins that are activated before it. */
  readonly extensionDependencies: readonly string[];
}

/** What a host is told of the plugin. */
export function describePlugin(
  { id, version, displayName, path, main }: InstalledPlugin,
  storagePath: string,
): PluginDescription {
  return { id, version, displayName, path, main, storagePath };
}

/** Commands of the plugin that are there before it is active; running one activates it. */
export function announcedCommands({ activationEvents }: InstalledPlugin): string[] {
  const prefix = 'onCommand:';
  return activationEvents
    .filter((event) => event.startsWith(prefix))
    .map((event) => event.slice(prefix.length));
}
