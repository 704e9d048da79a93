import type { Replay } from '@bulkhead/extension-api';
import {
  PluginAsksReplayRequest,
  PluginSavesReplayRequest,
  PluginStartsReplayRequest,
  PluginStopsReplayRequest,
} from '../../protocol/plugin-replay.js';
import type { ApiTarget } from '../plugin-services.js';
import { callsOf } from './api-calls.js';
import { apiEvent } from './api-event.js';

/** The namespace `replay` of one plugin. */
export function createReplayApi(target: () => ApiTarget): Replay {
  const { ask, change } = callsOf(target);
  return Object.freeze<Replay>({
    status: async () => (await ask(PluginAsksReplayRequest.type, {})) ?? undefined,
    save: ({ seconds, name } = {}) => ask(PluginSavesReplayRequest.type, { seconds, name }),
    start: (seconds) => change(PluginStartsReplayRequest.type, { seconds }),
    stop: () => change(PluginStopsReplayRequest.type, {}),
    onDidSave: apiEvent(target, 'replay.onDidSave', ({ scope, services }) => {
      services.replay.follow(scope);
      return services.replay.onDidSave;
    }),
  });
}
