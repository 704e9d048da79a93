import { MAIN_CANVAS } from '../../config/canvas-schema.js';
import { type EntryEdit, editEntry } from '../../config/edit-entries.js';
import { neededSettings } from '../../config/parse-entry.js';
import type { LayerConfig, SceneConfig, TransitionConfig } from '../../config/schema.js';
import type { SceneList, SceneManagement, SceneStatus, TransitionChange } from '../../protocol/scenes.js';
import type { CliContext } from '../cli-context.js';
import { editOnAir, type SaveOptions } from '../edit-on-air.js';
import { jsonArgument } from '../json-argument.js';
import type { AddressOptions, JsonOptions } from '../options.js';

type Common = AddressOptions & JsonOptions;
export type CanvasOptions = Common & { readonly canvas?: string };
export type TransitionOptions = CanvasOptions & {
  readonly transition?: TransitionConfig['type'];
  readonly ms?: number;
  readonly direction?: TransitionConfig['direction'];
  readonly source?: string;
  readonly cutMs?: number;
};
export type EditOptions = SaveOptions & CanvasOptions & { readonly layer?: string; readonly at?: number };

/** `bulkhead scene list`. */
export function listScenes(options: CanvasOptions, context: CliContext): Promise<number> {
  const { canvas } = options;
  return asked(options, context, (scenes) => scenes.list({ canvas }), linesOf);
}

/** `bulkhead scene switch`. */
export function switchScene(id: string, options: TransitionOptions, context: CliContext): Promise<number> {
  const transition = transitionOf(options);
  const { canvas } = options;
  return asked(
    options,
    context,
    (scenes) => scenes.switchTo({ id, transition, canvas }),
    () => [`The scene "${id}" is on air${canvas === undefined ? '' : ` on the canvas "${canvas}"`}.`],
  );
}

/** `bulkhead scene preview`. */
export function previewScene(id: string | undefined, options: Common, context: CliContext): Promise<number> {
  return asked(
    options,
    context,
    (scenes) => scenes.preview({ id: id ?? null }),
    () => [id === undefined ? 'No scene is previewed.' : `The scene "${id}" is previewed.`],
  );
}

/** `bulkhead scene take`. */
export function takeScene(options: TransitionOptions, context: CliContext): Promise<number> {
  const transition = transitionOf(options);
  return asked(
    options,
    context,
    (scenes) => scenes.take({ transition }),
    ({ scenes }) => [`The scene "${scenes.find(({ isOnAir }) => isOnAir)?.id}" is on air.`],
  );
}

/** `bulkhead scene add`: a scene, or a layer of one. */
export function addToScenes(
  id: string,
  json: string | undefined,
  options: EditOptions,
  context: CliContext,
): Promise<number> {
  const { layer, at, canvas } = options;
  if (layer === undefined) {
    const scene = sceneOf(id, json ?? '[]');
    return edited(id, `The scene "${id}" was added.`, options, context, (scenes) =>
      scenes.add({ scene, canvas }),
    );
  }
  const settings = { ...jsonArgument(json ?? '{}', LAYER_EXAMPLE), id: layer } as unknown as LayerConfig;
  return edited(id, `The layer "${layer}" was added to the scene "${id}".`, options, context, (scenes) =>
    scenes.addLayer({ scene: id, layer: settings, at, canvas }),
  );
}

/** `bulkhead scene set`: a scene as a whole, or settings of a layer. */
export function setInScenes(
  id: string,
  json: string | undefined,
  options: EditOptions,
  context: CliContext,
): Promise<number> {
  const { layer, at, canvas } = options;
  if (layer === undefined) {
    const scene = sceneOf(id, json ?? '');
    return edited(id, `The scene "${id}" was changed.`, options, context, (scenes) =>
      scenes.set({ scene, canvas }),
    );
  }
  const change = jsonArgument(json ?? (at === undefined ? '' : '{}'), LAYER_EXAMPLE);
  return edited(id, `The layer "${layer}" of the scene "${id}" was changed.`, options, context, (scenes) =>
    scenes.setLayer({ scene: id, id: layer, change, at, canvas }),
  );
}

/** `bulkhead scene remove`: a scene, or a layer of one. */
export function removeFromScenes(id: string, options: EditOptions, context: CliContext): Promise<number> {
  const { layer, canvas } = options;
  return layer === undefined
    ? edited(id, `The scene "${id}" was removed.`, options, context, (scenes) =>
        scenes.remove({ id, canvas }),
      )
    : edited(id, `The layer "${layer}" was removed from the scene "${id}".`, options, context, (scenes) =>
        scenes.removeLayer({ scene: id, id: layer, canvas }),
      );
}

/** `bulkhead scene undo` and `redo`. */
export async function stepScenes(
  way: 'undo' | 'redo',
  options: Common,
  context: CliContext,
): Promise<number> {
  const done = way === 'undo' ? 'Undone' : 'Redone';
  return asked(
    options,
    context,
    (scenes) => scenes[way](),
    (list) => [`${done}: ${way === 'undo' ? list.redo : list.undo}.`],
  );
}

/** `bulkhead scene reset`. */
export function resetScenes(options: Common, context: CliContext): Promise<number> {
  return asked(
    options,
    context,
    (scenes) => scenes.reset(),
    () => ['Scenes, sources, sounds and overlays are as configured again.'],
  );
}

const LAYER_EXAMPLE = '{ "source": "cam", "width": 640 }';

/** @param json its layers, or the scene as in the configuration */
function sceneOf(id: string, json: string): SceneConfig {
  const given = jsonArgument<object | readonly unknown[]>(
    json,
    `[${LAYER_EXAMPLE.replace('{', '{ "id": "cam",')}]`,
  );
  return { ...(Array.isArray(given) ? { layers: given } : given), id } as SceneConfig;
}

function transitionOf({ transition, ms, direction, source, cutMs }: TransitionOptions): TransitionChange {
  return {
    ...(source === undefined ? {} : { source }),
    ...(cutMs === undefined ? {} : { cutMs }),
    ...(direction === undefined ? {} : { direction }),
    ...(transition === undefined ? {} : { type: transition }),
    ...(ms === undefined ? {} : { durationMs: ms }),
  };
}

function linesOf({ scenes }: SceneList): string[] {
  return scenes.map(({ id, isOnAir, isPreviewed, layers }) => {
    const sources = [...new Set(layers.map(({ source, scene }) => source ?? scene))].join(', ');
    const mark = isOnAir ? '●' : isPreviewed ? '○' : ' ';
    return `${mark} ${id}${sources === '' ? '' : `  ${sources}`}`;
  });
}

function edited(
  id: string,
  done: string,
  options: EditOptions,
  context: CliContext,
  change: (scenes: SceneManagement) => Promise<SceneList>,
): Promise<number> {
  const { canvas } = options;
  const list = canvas === undefined || canvas === MAIN_CANVAS ? 'scenes' : { canvas };
  return editOnAir(options, context, {
    ask: (client) => change(client.scenes),
    lines: () => [done],
    saved: {
      ...{ list: 'scenes', id, canvas },
      edit: (text, now) => (now === undefined ? text : editEntry(text, list, editOf(id, now.scenes))),
    },
  });
}

function editOf(id: string, scenes: readonly SceneStatus[]): EntryEdit {
  const layers = scenes.find((scene) => scene.id === id)?.layers;
  if (layers === undefined) return { kind: 'remove', id };
  const { layers: needed = [] } = neededSettings('scenes', { id, layers }) as Partial<SceneConfig>;
  return { kind: 'put', id, settings: { layers }, needed: { layers: needed } };
}

function asked(
  options: Common,
  context: CliContext,
  ask: (scenes: SceneManagement) => Promise<SceneList>,
  lines: (list: SceneList) => readonly string[],
): Promise<number> {
  return editOnAir(options, context, { ask: (client) => ask(client.scenes), lines });
}
