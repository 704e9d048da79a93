import type { Permissions } from '@bulkhead/extension-api';
import type { ApiTarget } from '../plugin-services.js';
import { apiEvent } from './api-event.js';

/** The namespace `permissions` of one plugin. */
export function createPermissionsApi(target: () => ApiTarget): Permissions {
  return Object.freeze<Permissions>({
    has: (permission) => {
      const { scope, services } = target();
      return services.permissions.has(scope, permission);
    },
    request: async (permission) => {
      const { scope, services } = target();
      return services.permissions.request(scope, permission);
    },
    onDidChange: apiEvent(
      target,
      'permissions.onDidChange',
      ({ services }) => services.permissions.onDidChange,
    ),
  });
}
