import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { PERMISSIONS, type Permission } from '../../plugins/manifest.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** @throws `permission.denied` when the plugin's manifest does not ask for the permission. */
export function requirePermission(
  plugins: readonly InstalledPlugin[],
  id: string,
  permission: Permission,
): void {
  if (plugins.some((plugin) => plugin.id === id && plugin.permissions.includes(permission))) return;
  throw new BulkheadError(
    ErrorCodes.permissionDenied,
    `the plugin "${id}" may not ${PERMISSIONS[permission]}`,
    { where: id, remedy: `Add "${permission}" to "permissions" in its package.json.` },
  );
}
