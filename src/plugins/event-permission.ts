// A plugin listens to an event of another one by a permission of its own: `events:raids.raid`.

/** The permission to listen to one event. */
export type EventPermission = `events:${string}`;

/** The name of an event, which begins with that of the plugin that fires it. */
export const EVENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
export const EVENT_PERMISSION = /^events:[A-Za-z0-9][A-Za-z0-9._-]*\.[A-Za-z0-9_-]+$/;

export function eventPermission(event: string): EventPermission {
  return `events:${event}`;
}

export function isEventPermission(permission: string): permission is EventPermission {
  return EVENT_PERMISSION.test(permission);
}

/** The events that a plugin with these permissions may listen to. */
export function eventsOf(permissions: readonly string[]): string[] {
  return permissions.filter(isEventPermission).map((permission) => permission.slice('events:'.length));
}
