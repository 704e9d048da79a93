import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { describePermission, type Permission } from '../../plugins/manifest.js';
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
  throw denied(id, permission, plugin?.permissions.includes(permission) === true);
}

/** @throws `permission.denied` if the plugin's manifest does not ask for the permission, granted or not */
export function requireAsked({ id, permissions }: InstalledPlugin, permission: Permission): void {
  if (!permissions.includes(permission)) throw denied(id, permission, false);
}

function denied(id: string, permission: Permission, isAsked: boolean): BulkheadError {
  const remedy = isAsked
    ? `Allow it with "bulkhead plugin allow ${id} ${permission}".`
    : `Add "${permission}" to "permissions" in its package.json.`;
  const message = `the plugin "${id}" may not ${describePermission(permission)}`;
  return new BulkheadError(ErrorCodes.permissionDenied, message, { where: id, remedy });
}
