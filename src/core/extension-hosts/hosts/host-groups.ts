import Module from 'node:module';
import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';

/** In which host a plugin runs: those with the same key share one. */
export interface HostPlace {
  readonly key: string;
  /** Why a plugin that wants to share a host is alone. */
  readonly aloneBecause?: string;
}

/**
 * A plugin is alone unless its manifest names a group. Those of one group share a host when they have been granted the same,
 * since whatever one of them may do, all in its process can.
 *
 * @param tellsModulesApart Whether this Node shows on the thread that imports which ES module asks for the API (22.15 and later).
 */
export function placeOf(
  { id, source, granted, hostGroup }: InstalledPlugin,
  tellsModulesApart = 'registerHooks' in Module,
): HostPlace {
  if (hostGroup === undefined) return { key: id };
  if (source === 'development') return { key: id, aloneBecause: 'it is in development' };
  if (hostGroup.isModule && !tellsModulesApart) {
    return { key: id, aloneBecause: 'its main is an ES module, which needs Node 22.15 or later' };
  }
  return { key: ['group', hostGroup.name, source, ...[...granted].sort()].join(' ') };
}

/** The plugins of each host, by its key, each in the order of their ids. */
export function groupByHost(plugins: readonly InstalledPlugin[]): Map<string, InstalledPlugin[]> {
  const groups = new Map<string, InstalledPlugin[]>();
  for (const plugin of [...plugins].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { key } = placeOf(plugin);
    groups.set(key, [...(groups.get(key) ?? []), plugin]);
  }
  return groups;
}
