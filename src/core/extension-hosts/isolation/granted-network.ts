import { type Permission, scopesOf } from '../../../protocol/permissions/permissions.js';

/** What a plugin asks for and has been granted. */
export interface Grants {
  readonly permissions?: readonly Permission[];
  readonly optionalPermissions?: readonly Permission[];
  readonly granted?: readonly Permission[];
}

/**
 * What a host's process is launched with: the whole network, a way to some hosts, which may be granted later, or neither. Which
 * hosts they are can change while it runs.
 */
export type NetworkAccess = 'all' | 'some' | 'none';

export function networkAccess(plugins: readonly Grants[]): NetworkAccess {
  if (plugins.some(({ granted = [] }) => granted.includes('network'))) return 'all';
  const named = plugins.flatMap(({ permissions = [], optionalPermissions = [], granted = [] }) =>
    scopesOf([...permissions, ...optionalPermissions, ...granted], 'network'),
  );
  return named.length > 0 ? 'some' : 'none';
}

/** The scopes of `network` that any of the plugins of one process has been granted: what one can do, all of them can. */
export function grantedHosts(plugins: readonly Grants[]): string[] {
  return [...new Set(plugins.flatMap(({ granted = [] }) => scopesOf(granted, 'network')))];
}
