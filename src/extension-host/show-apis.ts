import type { Audio, Scenes, Sources } from '@bulkhead/extension-api/proposed';
import type { RequestType } from 'vscode-jsonrpc';
import type { ApiProposal } from '../protocol/api-proposals.js';
import type { FromPlugin } from '../protocol/extension-host.js';
import { PluginListsAudioRequest, PluginSetsAudioRequest } from '../protocol/plugin-audio.js';
import {
  PluginAddsLayerRequest,
  PluginAddsSceneRequest,
  PluginListsScenesRequest,
  PluginPreviewsSceneRequest,
  PluginRemovesLayerRequest,
  PluginRemovesSceneRequest,
  PluginSetsLayerRequest,
  PluginSetsSceneRequest,
  PluginSwitchesSceneRequest,
  PluginTakesSceneRequest,
} from '../protocol/plugin-scenes.js';
import {
  PluginAddsSourceRequest,
  PluginListsSourcesRequest,
  PluginRemovesSourceRequest,
  PluginRestartsSourceRequest,
  PluginSetsSourceRequest,
} from '../protocol/plugin-sources.js';
import type { ApiTarget } from './plugin-services.js';

/** How long a core that hangs is waited for, ms: it enforces the deadline of a scene itself. */
const CORE_DEADLINE_MS = 60_000;

/** Calls of a namespace that is proposed, for one plugin. */
function callsOf(target: () => ApiTarget, proposal: ApiProposal) {
  const ask = async <P extends FromPlugin, R>(
    type: RequestType<P, R, void>,
    params: Omit<P, 'plugin'>,
  ): Promise<R> => {
    const { scope, services } = target();
    scope.checkActive();
    scope.checkProposal(proposal);
    const all = { ...params, plugin: scope.id } as P;
    return services.connection.sendRequest(type, all, { deadlineMs: CORE_DEADLINE_MS });
  };
  return {
    ask,
    change: async <P extends FromPlugin>(
      type: RequestType<P, null, void>,
      params: Omit<P, 'plugin'>,
    ): Promise<void> => {
      await ask(type, params);
    },
  };
}

/** The namespace `scenes` of one plugin. */
export function createScenesApi(target: () => ApiTarget): Scenes {
  const { ask, change } = callsOf(target, 'scenes');
  const followed = (): ApiTarget => {
    const { scope, services } = target();
    scope.checkProposal('scenes');
    services.scenes.follow(scope);
    return { scope, services };
  };
  return Object.freeze<Scenes>({
    list: () => ask(PluginListsScenesRequest.type, {}),
    switchTo: (id, transition) => change(PluginSwitchesSceneRequest.type, { id, transition }),
    preview: (id) => change(PluginPreviewsSceneRequest.type, { id }),
    take: (transition) => change(PluginTakesSceneRequest.type, { transition }),
    add: (scene) => change(PluginAddsSceneRequest.type, { scene: scene as never }),
    set: (scene) => change(PluginSetsSceneRequest.type, { scene: scene as never }),
    remove: (id) => change(PluginRemovesSceneRequest.type, { id }),
    addLayer: (scene, layer, at) => change(PluginAddsLayerRequest.type, { scene, layer: layer as never, at }),
    setLayer: (scene, id, settings, at) =>
      change(PluginSetsLayerRequest.type, { scene, id, change: settings, at }),
    removeLayer: (scene, id) => change(PluginRemovesLayerRequest.type, { scene, id }),
    onDidChange: (...args) => {
      const { scope, services } = followed();
      return scope.event('scenes.onDidChange', services.scenes.onDidChange)(...args);
    },
    onDidSwitch: (...args) => {
      const { scope, services } = followed();
      return scope.event('scenes.onDidSwitch', services.scenes.onDidSwitch)(...args);
    },
  });
}

/** The namespace `sources` of one plugin. */
export function createSourcesApi(target: () => ApiTarget): Sources {
  const { ask, change } = callsOf(target, 'sources');
  return Object.freeze<Sources>({
    list: () => ask(PluginListsSourcesRequest.type, {}),
    add: (source) => change(PluginAddsSourceRequest.type, { source: source as never }),
    set: (id, settings) => change(PluginSetsSourceRequest.type, { id, change: settings }),
    remove: (id) => change(PluginRemovesSourceRequest.type, { id }),
    restart: (id) => change(PluginRestartsSourceRequest.type, { id }),
    sendFrame: async (id, frame) => {
      const { scope, services } = target();
      await services.sources.sendFrame(scope, id, frame);
    },
    onDidChangeState: (...args) => {
      const { scope, services } = target();
      scope.checkProposal('sources');
      services.sources.follow(scope);
      return scope.event('sources.onDidChangeState', services.sources.onDidChangeState)(...args);
    },
  });
}

/** The namespace `audio` of one plugin. */
export function createAudioApi(target: () => ApiTarget): Audio {
  const { ask, change } = callsOf(target, 'audio');
  return Object.freeze<Audio>({
    list: () => ask(PluginListsAudioRequest.type, {}),
    set: (id, settings) => change(PluginSetsAudioRequest.type, { id, change: settings }),
    followLevels: (intervalMs, listener) => {
      const { scope, services } = target();
      return services.audio.followLevels(scope, intervalMs, listener);
    },
  });
}
