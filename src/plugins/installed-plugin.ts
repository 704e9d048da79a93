import type { PluginDescription } from '../protocol/extension-host.js';
import type { Contributions } from './contributions.js';
import type { Permission } from './manifest.js';

/** A plugin on the disk, checked. What hosts are told of it is the {@link PluginDescription} alone. */
export interface InstalledPlugin extends PluginDescription {
  /** Every one, the implied ones too. */
  readonly activationEvents: readonly string[];
  readonly contributes: Contributions;
  readonly permissions: readonly Permission[];
  /** Ids of the plugins that are activated before it. */
  readonly extensionDependencies: readonly string[];
}

/** What a host is told of the plugin. */
export function describePlugin({ id, version, displayName, path, main }: InstalledPlugin): PluginDescription {
  return { id, version, displayName, path, main };
}

/** Commands of the plugin that are there before it is active; running one activates it. */
export function announcedCommands({ activationEvents }: InstalledPlugin): string[] {
  const prefix = 'onCommand:';
  return activationEvents
    .filter((event) => event.startsWith(prefix))
    .map((event) => event.slice(prefix.length));
}
