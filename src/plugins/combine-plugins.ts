import type { BulkheadError } from '../protocol/errors.js';
import { checkTogether } from './check-together.js';
import { type InstalledPlugin, PLUGIN_SOURCES } from './installed-plugin.js';

/** A plugin that does not run, since something is wrong between it and others. */
export interface RefusedPlugin {
  readonly plugin: InstalledPlugin;
  /** Each a `plugin.invalid`. */
  readonly errors: readonly BulkheadError[];
}

/** What becomes of the plugins of all sources together. */
export interface Combination {
  /** Those that can run, no two with one id. */
  readonly plugins: readonly InstalledPlugin[];
  readonly refused: readonly RefusedPlugin[];
  /** Those in whose place one of another source runs. */
  readonly shadowed: readonly InstalledPlugin[];
}

/**
 * Puts the plugins of all sources together. Of two with one id the one of the earlier source counts; what depends on a
 * plugin that is not there, or has been refused, is refused too.
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

/** Of those with one id the one of the earliest source; sources in their order. */
export function countingPlugins(all: readonly InstalledPlugin[]): InstalledPlugin[] {
  const byId = new Map<string, InstalledPlugin>();
  for (const source of PLUGIN_SOURCES) {
    for (const plugin of all) {
      if (plugin.source === source && !byId.has(plugin.id)) byId.set(plugin.id, plugin);
    }
  }
  return [...byId.values()];
}
