import type { InstalledPlugin } from '../../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';

/**
 * Activates the plugins that a plugin depends on.
 *
 * @throws `plugin.failed` with the name of the dependency that failed.
 */
export async function activateDependencies(
  { id, extensionDependencies }: Pick<InstalledPlugin, 'id' | 'extensionDependencies'>,
  activate: (id: string) => Promise<void>,
): Promise<void> {
  await Promise.all(
    extensionDependencies.map(async (dependency) => {
      try {
        await activate(dependency);
      } catch (error) {
        throw new BulkheadError(
          ErrorCodes.pluginFailed,
          `the plugin "${id}" was not activated, since it needs "${dependency}": ${BulkheadError.from(error).message}`,
          { where: id, cause: error },
        );
      }
    }),
  );
}
