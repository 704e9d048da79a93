import { scopesOf } from '../protocol/permissions/permissions.js';

// A plugin listens to an event of another one by a permission of its own: `events:raids.raid`.

/** The permission to listen to one event. */
export type EventPermission = `events:${string}`;

/** The name of an event, which begins with that of the plugin that fires it. */
export const EVENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export function eventPermission(event: string): EventPermission {
  return `events:${event}`;
}

/** The events that a plugin with these permissions may listen to. */
export function eventsOf(permissions: readonly string[]): string[] {
  return scopesOf(permissions, 'events');
}
