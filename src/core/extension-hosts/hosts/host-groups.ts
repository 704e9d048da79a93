import Module from 'node:module';
import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';

/** The host for a plugin: plugins with the same key share one. */
export interface HostPlace {
  readonly key: string;
  /** Why a plugin that requests a shared host does not get one. */
  readonly aloneBecause?: string;
}

/**
 * A plugin has its own host unless its manifest names a group. Plugins of one group share a host if they have been granted the
 * same permissions, since all plugins in a process can do what one of them can.
 *
 * @param distinguishesModules Whether this Node can determine, on the importing thread, which ES module imports the API (22.15 and
 * later).
 */
export function placeOf(
  { id, source, granted, optionalPermissions, hostGroup }: InstalledPlugin,
  distinguishesModules = 'registerHooks' in Module,
): HostPlace {
  if (hostGroup === undefined) return { key: id };
  if (source === 'development') return { key: id, aloneBecause: 'it is in development' };
  if (optionalPermissions.length > 0) {
    return { key: id, aloneBecause: 'what it may do can change while it runs' };
  }
  if (hostGroup.isModule && !distinguishesModules) {
    return { key: id, aloneBecause: 'its main is an ES module, which needs Node 22.15 or later' };
  }
  // As JSON, which no permission can imitate: the path of a file permission may contain spaces.
  return { key: JSON.stringify(['group', hostGroup.name, source, ...[...granted].sort()]) };
}

/** The plugins of each host, by its key, ordered by id. */
export function groupByHost(plugins: readonly InstalledPlugin[]): Map<string, InstalledPlugin[]> {
  const groups = new Map<string, InstalledPlugin[]>();
  for (const plugin of [...plugins].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { key } = placeOf(plugin);
    groups.set(key, [...(groups.get(key) ?? []), plugin]);
  }
  return groups;
}
