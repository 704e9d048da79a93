import { scopesOf } from '../protocol/permissions/permissions.js';

// A plugin listens to an event of another one by a permission of its own: `events:raids.raid`.

/** The permission to listen to one event. */
export type EventPermission = `events:${string}`;

export function eventPermission(event: string): EventPermission {
  return `events:${event}`;
}

/** The events that a plugin with these permissions may listen to. */
export function eventsOf(permissions: readonly string[]): string[] {
  return scopesOf(permissions, 'events');
}
