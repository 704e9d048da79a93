import type { PackageSpec } from '../../plugins/library/package-spec.js';
import type { StagedPackage } from '../../plugins/library/stage-package.js';
import { packageOfPlugin } from '../../plugins/npm/package-name.js';
import { pluginInvalid } from '../../plugins/plugin-error.js';
import { BulkheadError } from '../../protocol/errors.js';
import type { PluginInfo } from '../../protocol/plugin-management.js';

/** Most plugins that are fetched since one depends on them. */
const MAX_DEPENDENCIES = 20;

/**
 * Fetches the plugins that one depends on and that are not there, and those that they depend on.
 *
 * @param known The plugins that are there, from any source.
 * @param stage Fetches a package of npm.
 * @returns Each after those that it depends on.
 * @throws `plugin.invalid` for a circle, another plugin than the expected one, or too many; errors of `stage`.
 */
export async function stageDependencies(
  root: StagedPackage,
  known: readonly PluginInfo[],
  stage: (spec: PackageSpec) => Promise<StagedPackage>,
): Promise<readonly StagedPackage[]> {
  const inOrder: StagedPackage[] = [];
  let count = 0;
  const visit = async ({ plugin }: StagedPackage, way: readonly string[]): Promise<void> => {
    for (const id of plugin.extensionDependencies) {
      if (way.includes(id)) throw circle(plugin.id, [...way.slice(way.indexOf(id)), id]);
      if (inOrder.some((other) => other.plugin.id === id) || isThere(id, plugin.id, known)) continue;
      if (++count > MAX_DEPENDENCIES) {
        throw pluginInvalid(root.plugin.id, `needs more than ${MAX_DEPENDENCIES} other plugins`);
      }
      const spec = packageOfPlugin(id, plugin.extensionPackages);
      const dependency = await stage({ kind: 'npm', spec }).catch((error: unknown) => {
        throw missing(plugin.id, id, spec, error);
      });
      if (dependency.plugin.id !== id) {
        throw pluginInvalid(
          plugin.id,
          `needs "${id}", and the package "${spec}" is the plugin "${dependency.plugin.id}"`,
          nameIt(plugin.id),
        );
      }
      await visit(dependency, [...way, id]);
      inOrder.push(dependency);
    }
  };
  await visit(root, [root.plugin.id]);
  return inOrder;
}

/** @throws `plugin.invalid` if it is disabled. */
function isThere(id: string, needing: string, known: readonly PluginInfo[]): boolean {
  const found = known.filter((plugin) => plugin.id === id);
  if (found.length > 0 && found.every(({ state }) => state === 'disabled')) {
    throw pluginInvalid(
      needing,
      `needs "${id}", which is disabled`,
      `Enable it: bulkhead plugin enable ${id}`,
    );
  }
  return found.length > 0;
}

function circle(plugin: string, ids: readonly string[]): BulkheadError {
  const shown = ids.map((id) => `"${id}"`).join(' → ');
  return pluginInvalid(
    plugin,
    `extensionDependencies: expected no circle, got ${shown}`,
    'None of them could be activated first: tell their authors.',
  );
}

function missing(plugin: string, id: string, spec: string, error: unknown): BulkheadError {
  const { code, message } = BulkheadError.from(error);
  return new BulkheadError(
    code,
    `"${plugin}" needs "${id}", which is not installed, and its package "${spec}" cannot be: ${message}`,
    { where: plugin, remedy: `Install "${id}" first. ${nameIt(plugin)}`, cause: error },
  );
}

function nameIt(plugin: string): string {
  return `The author of "${plugin}" names its package in "extensionPackages" where it is another one.`;
}
