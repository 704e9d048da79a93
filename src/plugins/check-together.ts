import { join } from 'node:path';
import type { BulkheadError } from '../protocol/errors.js';
import { announcedCommands, type InstalledPlugin } from './installed-plugin.js';
import { pluginInvalid } from './plugin-error.js';

/** A conflict of a plugin with others. */
export interface MistakeBetweenPlugins {
  readonly plugin: InstalledPlugin;
  /** A `plugin.invalid`. */
  readonly error: BulkheadError;
}

/** Finds conflicts between plugins that are valid individually: missing or circular dependencies, duplicate commands and events. */
export function checkTogether(plugins: readonly InstalledPlugin[]): MistakeBetweenPlugins[] {
  const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  return [
    ...missingDependencies(byId),
    ...cycles(byId),
    ...sharedCommands(plugins),
    ...sharedEvents(plugins),
  ];
}

function mistake(plugin: InstalledPlugin, message: string, remedy?: string): MistakeBetweenPlugins {
  return { plugin, error: pluginInvalid(join(plugin.path, 'package.json'), message, remedy) };
}

function missingDependencies(byId: ReadonlyMap<string, InstalledPlugin>): MistakeBetweenPlugins[] {
  return [...byId.values()].flatMap((plugin) =>
    plugin.extensionDependencies.flatMap((id, index) =>
      byId.has(id)
        ? []
        : [
            mistake(
              plugin,
              `extensionDependencies[${index}]: expected one of the plugins that are there, got "${id}"`,
              `Give the folder of "${id}" as well, or install it and check that it works.`,
            ),
          ],
    ),
  );
}

/** One error per cycle, reported for the plugin where it was found first. */
function cycles(byId: ReadonlyMap<string, InstalledPlugin>): MistakeBetweenPlugins[] {
  const found: MistakeBetweenPlugins[] = [];
  const done = new Set<string>();
  const visit = (plugin: InstalledPlugin, way: readonly InstalledPlugin[]) => {
    const start = way.indexOf(plugin);
    if (start !== -1) {
      const circle = [...way.slice(start), plugin].map(({ id }) => `"${id}"`).join(' → ');
      found.push(
        mistake(
          plugin,
          `extensionDependencies: expected no circle, got ${circle}`,
          'None of them could be activated first: remove one of these dependencies.',
        ),
      );
      return;
    }
    if (done.has(plugin.id)) return;
    for (const id of plugin.extensionDependencies) {
      const dependency = byId.get(id);
      if (dependency !== undefined) visit(dependency, [...way, plugin]);
    }
    done.add(plugin.id);
  };
  for (const plugin of byId.values()) visit(plugin, []);
  return found;
}

function sharedCommands(plugins: readonly InstalledPlugin[]): MistakeBetweenPlugins[] {
  return shared(plugins, announcedCommands, (plugin, command, owner) => {
    const contributed = plugin.contributes.commands.some((own) => own.command === command);
    const key = contributed ? 'contributes.commands' : 'activationEvents';
    return `${key}: the plugin "${owner}" has the command "${command}" too`;
  });
}

function sharedEvents(plugins: readonly InstalledPlugin[]): MistakeBetweenPlugins[] {
  return shared(
    plugins,
    ({ contributes }) => contributes.events.map(({ event }) => event),
    (_plugin, event, owner) => `contributes.events: the plugin "${owner}" has the event "${event}" too`,
  );
}

/** Names that several plugins have: they belong to the first one. */
function shared(
  plugins: readonly InstalledPlugin[],
  namesOf: (plugin: InstalledPlugin) => readonly string[],
  describe: (plugin: InstalledPlugin, name: string, owner: string) => string,
): MistakeBetweenPlugins[] {
  const owners = new Map<string, string>();
  return plugins.flatMap((plugin) =>
    namesOf(plugin).flatMap((name) => {
      const owner = owners.get(name);
      owners.set(name, owner ?? plugin.id);
      if (owner === undefined) return [];
      const remedy = `It was there first. Begin such names of this one with its id, as in ${plugin.id}.${name.split('.').at(-1)}, or remove one of the two.`;
      return [mistake(plugin, describe(plugin, name, owner), remedy)];
    }),
  );
}
