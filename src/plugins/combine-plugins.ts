import type { BulkheadError } from '../protocol/errors.js';
import { checkTogether } from './check-together.js';
import { type InstalledPlugin, PLUGIN_SOURCES } from './installed-plugin.js';

/** A plugin that does not run because it conflicts with others or lacks a dependency. */
export interface RefusedPlugin {
  readonly plugin: InstalledPlugin;
  /** Each a `plugin.invalid`. */
  readonly errors: readonly BulkheadError[];
}

/** The result of combining the plugins of all sources. */
export interface Combination {
  /** Those that can run, with unique ids. */
  readonly plugins: readonly InstalledPlugin[];
  readonly refused: readonly RefusedPlugin[];
  /** Those replaced by one of another source. */
  readonly shadowed: readonly InstalledPlugin[];
}

/**
 * Combines the plugins of all sources. Of two with the same id the one of the earlier source is used; a plugin whose
 * dependency is missing or refused is refused as well.
 */
export function combinePlugins(all: readonly InstalledPlugin[]): Combination {
  const counting = countingPlugins(all);
  const shadowed = all.filter((plugin) => !counting.includes(plugin));
  const refused = new Map<InstalledPlugin, BulkheadError[]>();
  for (;;) {
    const plugins = counting.filter((plugin) => !refused.has(plugin));
    const mistakes = checkTogether(plugins);
    for (const { plugin, error } of mistakes) refused.set(plugin, [...(refused.get(plugin) ?? []), error]);
    if (mistakes.length === 0) {
      return { plugins, refused: [...refused].map(([plugin, errors]) => ({ plugin, errors })), shadowed };
    }
  }
}

/** Of those with the same id, the one of the earliest source; sources in order. */
export function countingPlugins(all: readonly InstalledPlugin[]): InstalledPlugin[] {
  const byId = new Map<string, InstalledPlugin>();
  for (const source of PLUGIN_SOURCES) {
    for (const plugin of all) {
      if (plugin.source === source && !byId.has(plugin.id)) byId.set(plugin.id, plugin);
    }
  }
  return [...byId.values()];
}
