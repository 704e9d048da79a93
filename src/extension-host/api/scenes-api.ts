import type { Scenes } from '@bulkhead/extension-api';
import {
  PluginAddsLayerRequest,
  PluginAddsSceneRequest,
  PluginListsScenesRequest,
  PluginMovesLayersRequest,
  PluginPreviewsSceneRequest,
  PluginRemovesLayerRequest,
  PluginRemovesSceneRequest,
  PluginSetsLayerRequest,
  PluginSetsSceneRequest,
  PluginSwitchesSceneRequest,
  PluginTakesSceneRequest,
} from '../../protocol/plugin-scenes.js';
import type { ApiTarget, PluginServices } from '../plugin-services.js';
import { callsOf } from './api-calls.js';
import { apiEvent } from './api-event.js';

/** The namespace `scenes` of one plugin. */
export function createScenesApi(target: () => ApiTarget): Scenes {
  const { ask, change } = callsOf(target);
  const followed = ({ scope, services }: ApiTarget): PluginServices['scenes'] => {
    services.scenes.follow(scope);
    return services.scenes;
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
    moveLayers: (scene, changes, { durationMs = 300, easing = 'ease-in-out' } = {}) =>
      change(PluginMovesLayersRequest.type, { scene, changes, durationMs, easing }),
    removeLayer: (scene, id) => change(PluginRemovesLayerRequest.type, { scene, id }),
    onDidChange: apiEvent(target, 'scenes.onDidChange', (found) => followed(found).onDidChange),
    onDidSwitch: apiEvent(target, 'scenes.onDidSwitch', (found) => followed(found).onDidSwitch),
  });
}
