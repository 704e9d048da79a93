import type { Sources } from '@bulkhead/extension-api';
import {
  PluginAddsMissingSourceRequest,
  PluginAddsSourceRequest,
  PluginListsSourcesRequest,
  PluginPlaysSourceRequest,
  PluginRemovesSourceRequest,
  PluginRestartsSourceRequest,
  PluginSetsSourceRequest,
} from '../../protocol/plugin-sources.js';
import type { ApiTarget } from '../plugin-services.js';
import { callsOf } from './api-calls.js';
import { apiEvent } from './api-event.js';

/** The namespace `sources` of one plugin. */
export function createSourcesApi(target: () => ApiTarget): Sources {
  const { ask, change } = callsOf(target);
  return Object.freeze<Sources>({
    list: () => ask(PluginListsSourcesRequest.type, {}),
    add: (source) => change(PluginAddsSourceRequest.type, { source: source as never }),
    addIfMissing: (source) => ask(PluginAddsMissingSourceRequest.type, { source: source as never }),
    set: (id, settings) => change(PluginSetsSourceRequest.type, { id, change: settings }),
    remove: (id) => change(PluginRemovesSourceRequest.type, { id }),
    restart: (id) => change(PluginRestartsSourceRequest.type, { id }),
    play: (id) => change(PluginPlaysSourceRequest.type, { id }),
    sendFrame: async (id, frame) => {
      const { scope, services } = target();
      await services.sources.sendFrame(scope, id, frame);
    },
    onDidChange: apiEvent(target, 'sources.onDidChange', ({ scope, services }) => {
      services.sources.follow(scope);
      return services.sources.onDidChange;
    }),
    onDidChangeState: apiEvent(target, 'sources.onDidChangeState', ({ scope, services }) => {
      services.sources.follow(scope);
      return services.sources.onDidChangeState;
    }),
  });
}
