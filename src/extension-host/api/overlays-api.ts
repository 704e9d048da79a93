import type { Overlays } from '@bulkhead/extension-api';
import type { ApiTarget } from '../plugin-services.js';

/** The namespace `overlays` of one plugin. */
export function createOverlaysApi(target: () => ApiTarget): Overlays {
  return Object.freeze<Overlays>({
    create: async (id, settings = {}, options = {}) => {
      const { scope, services } = target();
      return services.overlays.create(scope, id, settings, options);
    },
  });
}
