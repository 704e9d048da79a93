import type { Audio } from '@bulkhead/extension-api';
import { PluginListsAudioRequest, PluginSetsAudioRequest } from '../../protocol/plugin-audio.js';
import type { ApiTarget } from '../plugin-services.js';
import { callsOf } from './api-calls.js';

/** The namespace `audio` of one plugin. */
export function createAudioApi(target: () => ApiTarget): Audio {
  const { ask, change } = callsOf(target);
  return Object.freeze<Audio>({
    list: () => ask(PluginListsAudioRequest.type, {}),
    set: (id, settings) => change(PluginSetsAudioRequest.type, { id, change: settings }),
    followLevels: (intervalMs, listener) => {
      const { scope, services } = target();
      return services.audio.followLevels(scope, intervalMs, listener);
    },
  });
}
