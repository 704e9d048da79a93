import type { Extension, Extensions } from '@bulkhead/extension-api';
import type { ApiTarget } from '../plugin-services.js';
import { apiEvent } from './api-event.js';

/** The namespace `extensions` of one plugin. */
export function createExtensionsApi(target: () => ApiTarget): Extensions {
  return Object.freeze<Extensions>({
    // That the exports are of that type is up to the plugin.
    getExtension: <T>(id: string) => {
      const { scope, services } = target();
      return services.extensions.getExtension(scope, id) as Extension<T> | undefined;
    },
    get all() {
      const { scope, services } = target();
      return services.extensions.all(scope);
    },
    onDidChange: apiEvent(target, 'extensions.onDidChange', ({ scope, services }) =>
      services.extensions.onDidChange(scope),
    ),
  });
}
