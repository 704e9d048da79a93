import type { Container } from 'inversify';
import type { AudioManagement } from '../../protocol/audio.js';
import type { SceneManagement } from '../../protocol/scenes.js';
import { SceneAudio } from '../broadcast/collection/scene-audio.js';
import { SceneSources } from '../broadcast/collection/scene-sources.js';
import { Scenes } from '../broadcast/collection/scenes.js';

// What plugins change of scenes, sources and sound, apart from what the streamer does: the streamer's undo leaves it as it is.

export const PluginScenes = Symbol('PluginScenes');
export type PluginScenes = SceneManagement;

export const PluginSources = Symbol('PluginSources');
export type PluginSources = SceneSources;

export const PluginAudio = Symbol('PluginAudio');
export type PluginAudio = AudioManagement;

export function bindPluginEdits(container: Container): void {
  container.bind(PluginScenes).toResolvedValue((scenes: Scenes) => scenes.forPlugins(), [Scenes]);
  container
    .bind(PluginSources)
    .toResolvedValue((sources: SceneSources) => sources.forPlugins(), [SceneSources]);
  container.bind(PluginAudio).toResolvedValue((audio: SceneAudio) => audio.forPlugins(), [SceneAudio]);
}
