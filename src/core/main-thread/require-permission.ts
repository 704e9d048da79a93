import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { PERMISSIONS, type Permission } from '../../plugins/manifest.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/**
 * @returns the plugin
 * @throws `permission.denied` if the streamer has not granted the permission, or has revoked it.
 */
export function requirePermission(
  plugins: readonly InstalledPlugin[],
  id: string,
  permission: Permission,
): InstalledPlugin {
  const plugin = plugins.find((candidate) => candidate.id === id);
  if (plugin?.granted.includes(permission) === true) return plugin;
  const remedy =
    plugin?.permissions.includes(permission) === true
      ? `Allow it with "bulkhead plugin allow ${id} ${permission}".`
      : `Add "${permission}" to "permissions" in its package.json.`;
  throw new BulkheadError(
    ErrorCodes.permissionDenied,
    `the plugin "${id}" may not ${PERMISSIONS[permission]}`,
    { where: id, remedy },
  );
}
