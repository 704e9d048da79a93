import type { Outputs } from '@bulkhead/extension-api';
import {
  PluginListsOutputsRequest,
  PluginStartsOutputRequest,
  PluginStopsOutputRequest,
} from '../../protocol/plugin-outputs.js';
import type { ApiTarget } from '../plugin-services.js';
import { callsOf } from './api-calls.js';
import { apiEvent } from './api-event.js';

/** The namespace `outputs` of one plugin. */
export function createOutputsApi(target: () => ApiTarget): Outputs {
  const { ask, change } = callsOf(target);
  return Object.freeze<Outputs>({
    list: () => ask(PluginListsOutputsRequest.type, {}),
    start: (id) => change(PluginStartsOutputRequest.type, { id }),
    stop: (id) => change(PluginStopsOutputRequest.type, { id }),
    onDidChangeState: apiEvent(target, 'outputs.onDidChangeState', ({ scope, services }) => {
      services.outputs.follow(scope);
      return services.outputs.onDidChangeState;
    }),
  });
}
