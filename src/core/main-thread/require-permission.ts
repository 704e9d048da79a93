import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { PERMISSIONS, type Permission } from '../../plugins/manifest.js';
import { type ApiProposal, requireProposal } from '../../protocol/api-proposals.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** @throws `permission.denied` if the streamer has not granted the permission, or has revoked it. */
export function requirePermission(
  plugins: readonly InstalledPlugin[],
  id: string,
  permission: Permission,
): void {
  const plugin = plugins.find((candidate) => candidate.id === id);
  if (plugin?.granted.includes(permission) === true) return;
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

/**
 * For a namespace that is proposed, and needs a permission of the same name.
 *
 * @returns the plugin
 * @throws `permission.denied` if it may not use the one, or has not been granted the other
 */
export function requireProposed(
  plugins: readonly InstalledPlugin[],
  id: string,
  namespace: ApiProposal & Permission,
): InstalledPlugin {
  const plugin = plugins.find((candidate) => candidate.id === id);
  if (plugin === undefined) throw new Error(`the plugin "${id}" is not served here`);
  requireProposal(plugin, namespace);
  requirePermission(plugins, id, namespace);
  return plugin;
}
