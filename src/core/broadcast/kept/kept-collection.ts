import * as z from '../../../base/zod.js';
import { MAIN_CANVAS, MOST_CANVASES } from '../../../config/canvas-schema.js';
import {
  MOST_OVERLAYS,
  MOST_SCENES,
  MOST_SOURCES,
  NamedSourceSchema,
  OverlaySchema,
  SceneSchema,
  SourceSoundSchema,
} from '../../../config/schema.js';
import type { SavedParams } from '../../../protocol/scenes.js';
import type { SceneCollection } from '../../../scenes/scene-collection.js';
import { applyEntries, basesOf, fingerprintOf, keptEntries, keptEntriesSchema } from './kept-entries.js';

/** Characters of two ids and what is between them. */
const MAX_PLACED_ID = 129;

/** How the scenes and sources differ from the configuration: what is kept of a show. */
export const KeptCollectionSchema = z.strictObject({
  sources: keptEntriesSchema(NamedSourceSchema, 2 * MOST_SOURCES),
  scenes: keptEntriesSchema(SceneSchema, 2 * MOST_SCENES),
  /** How the sounds of the sources are mixed. */
  sounds: keptEntriesSchema(
    z.strictObject({ id: z.string().max(64), sound: SourceSoundSchema }),
    2 * MOST_SOURCES,
  ),
  overlays: keptEntriesSchema(OverlaySchema, 2 * MOST_OVERLAYS).default([]),
  /** The scenes of canvases besides the main one. */
  canvasScenes: keptEntriesSchema(
    z.strictObject({ id: z.string().max(MAX_PLACED_ID), canvas: z.string().max(64), scene: SceneSchema }),
    2 * MOST_CANVASES * MOST_SCENES,
    MAX_PLACED_ID,
  ).default([]),
});

export type KeptCollection = z.output<typeof KeptCollectionSchema>;

export const NOTHING_KEPT: KeptCollection = {
  ...{ sources: [], scenes: [], sounds: [], overlays: [], canvasScenes: [] },
};

/** Fingerprints of entries as they were saved since the start, by their ids. */
export type SavedEntries = {
  readonly [List in keyof KeptCollection]: ReadonlyMap<string, readonly string[]>;
};

export const NOTHING_SAVED: SavedEntries = {
  sources: new Map(),
  scenes: new Map(),
  sounds: new Map(),
  overlays: new Map(),
  canvasScenes: new Map(),
};

/** What has to be kept so that {@link applyCollection} makes `wanted` of the configuration. */
export function keptCollection(
  configured: SceneCollection,
  wanted: SceneCollection,
  saved = NOTHING_SAVED,
): KeptCollection {
  const [before, after] = [listsOf(configured), listsOf(wanted)];
  return {
    sources: keptEntries(before.sources, after.sources, saved.sources),
    scenes: keptEntries(before.scenes, after.scenes, saved.scenes),
    sounds: keptEntries(before.sounds, after.sounds, saved.sounds),
    overlays: keptEntries(before.overlays, after.overlays, saved.overlays),
    canvasScenes: keptEntries(before.canvasScenes, after.canvasScenes, saved.canvasScenes),
  };
}

/**
 * What was saved before, of the entries that are restored: an earlier broadcast of the show may have been started with another text of the
 * configuration.
 */
export function savedBefore(kept: KeptCollection, configured: SceneCollection): SavedEntries {
  const lists = listsOf(configured);
  return {
    sources: basesOf(kept.sources, lists.sources),
    scenes: basesOf(kept.scenes, lists.scenes),
    sounds: basesOf(kept.sounds, lists.sounds),
    overlays: basesOf(kept.overlays, lists.overlays),
    canvasScenes: basesOf(kept.canvasScenes, lists.canvasScenes),
  };
}

/** With an entry that stands in the configuration now as it is on air. */
export function withSaved(
  saved: SavedEntries,
  { list: name, id: ownId, canvas = MAIN_CANVAS }: SavedParams,
  now: SceneCollection,
): SavedEntries {
  const isPlaced = name === 'scenes' && canvas !== MAIN_CANVAS;
  const list = isPlaced ? 'canvasScenes' : name;
  const id = isPlaced ? placedId(canvas, ownId) : ownId;
  const fingerprints = [...(saved[list].get(id) ?? []), fingerprintOf(id, listsOf(now)[list])];
  return { ...saved, [list]: new Map(saved[list]).set(id, fingerprints) };
}

/** The configuration's with what was changed on air. */
export function applyCollection(configured: SceneCollection, kept: KeptCollection): SceneCollection {
  const lists = listsOf(configured);
  const placed = applyEntries(lists.canvasScenes, kept.canvasScenes);
  return {
    sources: applyEntries(lists.sources, kept.sources),
    scenes: applyEntries(lists.scenes, kept.scenes),
    overlays: applyEntries(lists.overlays, kept.overlays),
    mixer: {
      ...configured.mixer,
      sources: Object.fromEntries(
        applyEntries(lists.sounds, kept.sounds).map(({ id, sound }) => [id, sound]),
      ),
    },
    canvases: configured.canvases.map((canvas) => ({
      ...canvas,
      scenes: placed.filter((other) => other.canvas === canvas.id).map(({ scene }) => scene),
    })),
  };
}

/** All that is kept, as lists of entries with an id. */
function listsOf({ sources, scenes, mixer, overlays, canvases }: SceneCollection) {
  return {
    ...{ sources, scenes, overlays },
    sounds: Object.entries(mixer.sources).map(([id, sound]) => ({ id, sound })),
    canvasScenes: canvases.flatMap(({ id: canvas, scenes: placed }) =>
      placed.map((scene) => ({ id: placedId(canvas, scene.id), canvas, scene })),
    ),
  };
}

/** Neither id has a slash. */
function placedId(canvas: string, scene: string): string {
  return `${canvas}/${scene}`;
}

/** How many entries differ. */
export function differences(configured: SceneCollection, wanted: SceneCollection): number {
  return sizeOf(keptCollection(configured, wanted));
}

export function sizeOf(kept: KeptCollection): number {
  return Object.values(kept).reduce((sum, { length }) => sum + length, 0);
}
