import type { Events } from '@bulkhead/extension-api';
import type { ApiTarget } from '../plugin-services.js';

/** The namespace `events` of one plugin. */
export function createEventsApi(target: () => ApiTarget): Events {
  return Object.freeze<Events>({
    fire: async (event, payload) => {
      const { scope, services } = target();
      await services.events.fire(scope, event, payload);
    },
    on: (event, listener, thisArgs, disposables) => {
      const { scope, services } = target();
      const heard = scope.event(`the event "${event}"`, services.events.event(scope, event));
      return heard(listener as (payload: unknown) => unknown, thisArgs, disposables);
    },
  });
}
