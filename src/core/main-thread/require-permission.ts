import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { describePermission, isCovered, type Permission } from '../../protocol/permissions/permissions.js';

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
  if (plugin !== undefined && isCovered(permission, plugin.granted)) return plugin;
  throw denied(plugin, id, permission);
}

/** @throws `permission.denied` if the plugin's manifest does not ask for the permission, granted or not */
export function requireAsked(plugin: InstalledPlugin, permission: Permission): void {
  const { id, permissions, optionalPermissions } = plugin;
  if (!isCovered(permission, [...permissions, ...optionalPermissions])) throw denied(plugin, id, permission);
}

function denied(plugin: InstalledPlugin | undefined, id: string, permission: Permission): BulkheadError {
  const message = `the plugin "${id}" may not ${describePermission(permission)}`;
  return new BulkheadError(ErrorCodes.permissionDenied, message, {
    where: id,
    remedy: remedyFor(plugin, id, permission),
  });
}

function remedyFor(plugin: InstalledPlugin | undefined, id: string, permission: Permission): string {
  if (plugin !== undefined && isCovered(permission, plugin.optionalPermissions)) {
    return `It has to ask for it, by permissions.request("${permission}"). To grant it now: "bulkhead plugin allow ${id} ${permission}".`;
  }
  return plugin !== undefined && isCovered(permission, plugin.permissions)
    ? `Allow it with "bulkhead plugin allow ${id} ${permission}".`
    : `Add "${permission}" to "permissions" in its package.json.`;
}
