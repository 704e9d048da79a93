import type { SceneCollection } from '../scenes/scene-collection.js';
import { countLayers, showsItself } from '../scenes/scene-layers.js';
import type { ConfigPath } from './config-path.js';
import type { StageConfig } from './encode-settings.js';
import { NameCheck } from './name-check.js';
import type { BroadcastConfig, NamedSource, OverlayConfig, SceneConfig } from './schema.js';
import { checkSources, withoutName } from './sources.js';

/** As many sources as a scene may show, with those of the scenes within it. */
const MOST_SHOWN = 200;
/** Types of sources that need scenes, and what they are. */
const SHOWN_BY_SCENES = { text: 'text', plugin: 'frames of a plugin', replay: 'replays' };

/**
 * What can be on air; undefined without scenes.
 *
 * @param programme id of the scene on air: the first one without it, or without such a scene
 * @param sinceMsOf when an overlay was shown, ms since 1970
 */
export function stageOf(
  { scenes, sources, mixer, overlays }: Omit<SceneCollection, 'canvases'>,
  programme: string | undefined,
  liveServer: BroadcastConfig['liveServer'],
  sinceMsOf: (overlay: OverlayConfig) => number = () => 0,
): StageConfig | undefined {
  const onAir = scenes.find(({ id }) => id === programme) ?? scenes[0];
  if (onAir === undefined) return undefined;
  return {
    sources: sources.map((source) => ({
      id: source.id,
      input: withoutName(source, liveServer),
      warm: source.warm,
      ...(source.fallback === undefined ? {} : { fallback: source.fallback }),
    })),
    scenes,
    mixer,
    overlays: overlays.map((overlay) => ({ ...overlay, sinceMs: sinceMsOf(overlay) })),
    programme: onAir.id,
  };
}

/**
 * Checks what scenes name.
 *
 * @param hasInput whether an input was written besides
 * @throws ConfigError with every mistake found
 */
export function checkScenes(
  {
    scenes,
    startScene,
    sources,
    mixer,
    overlays,
    transition,
    recording,
    canvases,
  }: SceneCollection & Partial<Pick<BroadcastConfig, 'startScene' | 'transition' | 'recording'>>,
  hasInput: boolean,
  where: (path: ConfigPath) => string,
): void {
  const names = new NameCheck(where);
  if (scenes.length > 0 && hasInput)
    names.note(['input'], 'expected either "input" or "scenes": a scene says itself which sources it shows');
  if (startScene !== undefined) names.expect(['startScene'], startScene, 'scene', scenes);
  if (transition?.source !== undefined)
    names.expect(['transition', 'source'], transition.source, 'source', sources);
  checkSceneList(names, ['scenes'], scenes, sources);
  for (const [index, canvas] of canvases.entries()) {
    const path = ['canvases', index];
    if (canvas.scenes.length === 0) names.note([...path, 'scenes'], 'expected at least one scene');
    checkSceneList(names, [...path, 'scenes'], canvas.scenes, sources);
    if (canvas.startScene !== undefined)
      names.expect([...path, 'startScene'], canvas.startScene, 'scene', canvas.scenes);
  }
  if (scenes.length === 0 && canvases.length > 0)
    names.note(['canvases'], 'expected "scenes" besides, whose sources and sound they share');
  for (const [id, { ducking }] of Object.entries(mixer.sources)) {
    names.expect(['mixer', 'sources', id], id, 'source', sources);
    const by = ['mixer', 'sources', id, 'ducking', 'by'];
    if (ducking?.by === id) names.note(by, 'expected another source than itself');
    else if (ducking !== undefined) names.expect(by, ducking.by, 'source', sources);
  }
  for (const [index, bus] of mixer.buses.entries()) {
    const path = ['mixer', 'buses', index];
    if (mixer.buses.findIndex(({ id }) => id === bus.id) < index)
      names.note([...path, 'id'], `"${bus.id}" is the id of another bus already`);
    for (const [at, source] of bus.sources.entries())
      names.expect([...path, 'sources', at], source, 'source', sources);
  }
  for (const [index, bus] of (recording?.audioTracks ?? []).entries())
    names.expect(['recording', 'audioTracks', index], bus, 'bus', mixer.buses);
  if (scenes.length === 0 && Object.keys(mixer.sources).length + mixer.buses.length > 0)
    names.note(['mixer'], 'expected "scenes" besides: only the sound of their sources is mixed');
  if (scenes.length === 0 && overlays.length > 0)
    names.note(['overlays'], 'expected "scenes" besides, above which they are drawn');
  for (const [type, what] of Object.entries(SHOWN_BY_SCENES)) {
    const index = sources.findIndex((source) => source.type === type);
    if (scenes.length === 0 && index >= 0)
      names.note(['sources', index, 'type'], `expected "scenes" besides, which alone can show ${what}`);
  }
  names.finish();
}

/** Checks what the scenes of a canvas name. */
function checkSceneList(
  names: NameCheck,
  list: ConfigPath,
  scenes: readonly SceneConfig[],
  sources: readonly NamedSource[],
): void {
  for (const [index, { layers }] of scenes.entries()) {
    for (const [at, { source, scene, mask }] of layers.entries()) {
      const path = [...list, index, 'layers', at];
      if (source !== undefined) names.expect([...path, 'source'], source, 'source', sources);
      if (mask !== undefined) names.expect([...path, 'mask', 'source'], mask.source, 'source', sources);
      if (scene !== undefined) names.expect([...path, 'scene'], scene, 'scene', scenes);
    }
  }
  for (const [index, scene] of scenes.entries()) {
    const count = countLayers(scene, scenes);
    const nested = scene.layers.findIndex((layer) => layer.scene !== undefined);
    if (showsItself(scene, scenes))
      names.note([...list, index, 'layers', nested, 'scene'], 'expected a scene that does not show this one');
    else if (count > MOST_SHOWN && Number.isFinite(count))
      names.note([...list, index], `shows ${count} sources with the scenes within it; at most ${MOST_SHOWN}`);
  }
}

/**
 * The same for scenes and sources that were changed on air, whose places are named by their ids.
 *
 * @param config what the broadcast was started with
 * @throws ConfigError with every mistake found
 */
export function checkCollection(collection: SceneCollection, config: BroadcastConfig): void {
  const where = (path: ConfigPath) => {
    if (path[0] === 'mixer') return path.join('.');
    let at: unknown = collection;
    const names = path.map((part) => {
      at = Object(at)[part];
      return typeof part === 'number' ? (Object(at).id ?? part) : part;
    });
    return names.join('.');
  };
  checkSources({ ...config, input: { type: 'colour' }, ...withLists(collection) }, where);
  // What is on air at first need not be there any more.
  const canvases = collection.canvases.map((canvas) => ({ ...canvas, startScene: undefined }));
  checkScenes({ ...collection, canvases }, false, where);
}

/** As the lists of a configuration. */
export function withLists({
  sources,
  scenes,
  mixer,
  overlays,
  canvases,
}: SceneCollection): Pick<BroadcastConfig, 'sources' | 'scenes' | 'mixer' | 'overlays' | 'canvases'> {
  return {
    ...{ sources: [...sources], scenes: [...scenes], mixer },
    ...{ overlays: [...overlays], canvases: [...canvases] },
  };
}
