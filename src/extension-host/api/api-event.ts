import type { Event as ApiEvent } from '@bulkhead/extension-api';
import type { Event } from '../../base/event.js';
import type { ApiTarget } from '../plugin-services.js';

/**
 * An event of one plugin's API.
 *
 * @param name as in `broadcast.onDidStart`, for reports of what listeners throw
 * @param find looks it up when the plugin begins to listen
 */
export function apiEvent<T>(
  target: () => ApiTarget,
  name: string,
  find: (target: ApiTarget) => Event<T>,
): ApiEvent<T> {
  return (...args) => {
    const found = target();
    return found.scope.event(name, find(found))(...args);
  };
}
