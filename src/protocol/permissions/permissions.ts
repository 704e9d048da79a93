import { canonicalFileScope, coversFileScope, describeFileScope } from './file-scope.js';
import {
  coversNetworkScope,
  describeNetworkScope,
  formatNetworkScope,
  parseNetworkScope,
} from './network-scope.js';

/**
 * What a plugin may request beyond what every plugin can do, each continuing "may". The list grows with the API; nothing is ever
 * removed from it.
 */
export const PERMISSIONS = {
  'broadcast.control': 'start and end the broadcast',
  'broadcast.marker': 'mark moments of the broadcast',
  network: 'connect to other computers',
  audio: 'see and change how sources are mixed, and how loud they are',
  outputs: 'see where the broadcast goes, and stop and start it there',
  overlays: 'draw on the stream, above every scene',
  recording: 'record the broadcast on this computer, and see where the files are',
  replay: 'save the last seconds of the broadcast on this computer, and see where the files are',
  scenes: 'see, change and switch scenes',
  sources: 'see, add and change sources: files, screens, cameras, microphones, network streams',
} as const;

/** The name of an event: that of the plugin that fires it, and its own. A permission to hear it has the same name. */
export const EVENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*\.[A-Za-z0-9_-]+$/;

/** Permissions that are written `FAMILY:SCOPE`. One without a scope that has the family's name includes them all. */
interface PermissionFamily {
  readonly example: string;
  /** The scope in its one spelling. @throws Error with what is expected, which continues "permissions[0]: " */
  canonical(scope: string): string;
  /** Continues "may". @param scope in its one spelling, as are those below */
  describe(scope: string): string;
  /** Whether everything that one scope allows is allowed by the other. */
  covers(wide: string, narrow: string): boolean;
}

export const PERMISSION_FAMILIES = {
  network: {
    example: 'network:api.example.com',
    canonical: (scope) => formatNetworkScope(parseNetworkScope(scope)),
    describe: (scope) => describeNetworkScope(parseNetworkScope(scope)),
    covers: (wide, narrow) => coversNetworkScope(parseNetworkScope(wide), parseNetworkScope(narrow)),
  },
  'file:read': {
    example: 'file:read:~/Music',
    canonical: canonicalFileScope,
    describe: describeFileScope,
    covers: coversFileScope,
  },
  events: {
    example: 'events:raids.raid',
    canonical: (event) => {
      if (EVENT_NAME.test(event)) return event;
      throw new Error('expected the name of an event, such as "events:raids.raid"');
    },
    describe: (event) => `hear the event "${event}" of another plugin`,
    covers: (wide, narrow) => wide === narrow,
  },
} as const satisfies Readonly<Record<string, PermissionFamily>>;

type Family = keyof typeof PERMISSION_FAMILIES;

/** A permission without a scope. */
export type PlainPermission = keyof typeof PERMISSIONS;
export type Permission = PlainPermission | `${Family}:${string}`;

/** Maximum length, characters. */
export const MOST_PERMISSION = 300;

const FAMILIES = Object.keys(PERMISSION_FAMILIES) as Family[];

export function isPlainPermission(name: string): name is PlainPermission {
  return Object.hasOwn(PERMISSIONS, name);
}

interface Scoped {
  readonly family: Family;
  readonly scope: string;
}

/** The family and the scope of a permission, which may be wrong; undefined for one without a known family. */
export function scopedPermission(permission: string): Scoped | undefined {
  const family = FAMILIES.find((name) => permission.startsWith(`${name}:`));
  return family === undefined ? undefined : { family, scope: permission.slice(family.length + 1) };
}

/** The scopes of one family among permissions. */
export function scopesOf(permissions: readonly string[], family: Family): string[] {
  return permissions.flatMap((permission) => {
    const scoped = scopedPermission(permission);
    return scoped?.family === family ? [scoped.scope] : [];
  });
}

/** What is expected instead of this text; undefined if it is a permission. */
export function permissionProblem(text: string): string | undefined {
  if (isPlainPermission(text)) return undefined;
  const scoped = scopedPermission(text);
  if (scoped === undefined) {
    const known = [...Object.keys(PERMISSIONS), ...FAMILIES.map((name) => PERMISSION_FAMILIES[name].example)];
    return `expected one of ${known.map((name) => `"${name}"`).join(', ')}`;
  }
  const { family, scope } = scoped;
  try {
    const canonical = PERMISSION_FAMILIES[family].canonical(scope);
    return canonical === scope ? undefined : `expected "${family}:${canonical}", as the streamer sees it`;
  } catch (error) {
    return (error as Error).message;
  }
}

export function isPermission(text: string): text is Permission {
  return text.length <= MOST_PERMISSION && permissionProblem(text) === undefined;
}

/** Whether one permission includes the other. */
export function coversPermission(wide: Permission, narrow: Permission): boolean {
  if (wide === narrow) return true;
  if (isPlainPermission(wide)) return narrow.startsWith(`${wide}:`);
  const [one, other] = [scopedPermission(wide), scopedPermission(narrow)];
  if (one === undefined || other === undefined || one.family !== other.family) return false;
  return PERMISSION_FAMILIES[one.family].covers(one.scope, other.scope);
}

export function isCovered(permission: Permission, by: readonly Permission[]): boolean {
  return by.some((wide) => coversPermission(wide, permission));
}

/** What is asked for and has been granted: of two that overlap, the narrower one. */
export function grantedOf(asked: readonly Permission[], granted: readonly Permission[]): Permission[] {
  const both = [
    ...asked.filter((permission) => isCovered(permission, granted)),
    ...granted.filter((permission) => isCovered(permission, asked)),
  ];
  return [...new Set(both)];
}

/** What the permission lets a plugin do, in words; continues "may". */
export function describePermission(permission: string): string {
  if (isPlainPermission(permission)) return PERMISSIONS[permission];
  const scoped = scopedPermission(permission);
  if (scoped === undefined || !isPermission(permission)) return permission;
  return PERMISSION_FAMILIES[scoped.family].describe(scoped.scope);
}
