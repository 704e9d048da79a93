import type { Environment } from '@bulkhead/extension-api';
import { API_VERSION } from '../../protocol/extension-host.js';
import { version } from '../../version.js';
import type { ApiTarget } from '../plugin-services.js';
import { apiEvent } from './api-event.js';

/** The namespace `env` of one plugin. */
export function createEnvironmentApi(target: () => ApiTarget): Environment {
  return Object.freeze<Environment>({
    apiVersion: API_VERSION,
    appVersion: version,
    platform: process.platform,
    get isolationTier() {
      return target().scope.plugin.tier;
    },
    get language() {
      return target().scope.plugin.language;
    },
    get profile() {
      return target().services.profile.current;
    },
    onDidChangeProfile: apiEvent(
      target,
      'env.onDidChangeProfile',
      ({ services }) => services.profile.onDidChange,
    ),
    openExternal: async (url) => {
      const { scope, services } = target();
      return services.env.openExternal(scope, url);
    },
    createCallback: async (options) => {
      const { scope, services } = target();
      return services.env.createCallback(scope, options);
    },
  });
}
