import * as z from '../../../base/zod.js';
import {
  type MixerConfig,
  MOST_OVERLAYS,
  MOST_SCENES,
  MOST_SOURCES,
  NamedSourceSchema,
  OverlaySchema,
  SceneSchema,
  type SourceSound,
  SourceSoundSchema,
} from '../../../config/schema.js';
import type { SavedList } from '../../../protocol/scenes.js';
import type { SceneCollection } from '../../../scenes/scene-collection.js';
import { applyEntries, basesOf, fingerprintOf, keptEntries, keptEntriesSchema } from './kept-entries.js';

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
});

export type KeptCollection = z.output<typeof KeptCollectionSchema>;

export const NOTHING_KEPT: KeptCollection = { sources: [], scenes: [], sounds: [], overlays: [] };

/** Fingerprints of entries as they were saved since the start, by their ids. */
export type SavedEntries = { readonly [List in SavedList]: ReadonlyMap<string, readonly string[]> };

export const NOTHING_SAVED: SavedEntries = {
  sources: new Map(),
  scenes: new Map(),
  sounds: new Map(),
  overlays: new Map(),
};

/** What has to be kept so that {@link applyCollection} makes `wanted` of the configuration. */
export function keptCollection(
  configured: SceneCollection,
  wanted: SceneCollection,
  saved = NOTHING_SAVED,
): KeptCollection {
  return {
    sources: keptEntries(configured.sources, wanted.sources, saved.sources),
    scenes: keptEntries(configured.scenes, wanted.scenes, saved.scenes),
    sounds: keptEntries(soundsOf(configured.mixer), soundsOf(wanted.mixer), saved.sounds),
    overlays: keptEntries(configured.overlays, wanted.overlays, saved.overlays),
  };
}

/**
 * What was saved before, of the entries that are restored: an earlier broadcast of the show may have been started with another text of the
 * configuration.
 */
export function savedBefore(kept: KeptCollection, configured: SceneCollection): SavedEntries {
  return {
    sources: basesOf(kept.sources, configured.sources),
    scenes: basesOf(kept.scenes, configured.scenes),
    sounds: basesOf(kept.sounds, soundsOf(configured.mixer)),
    overlays: basesOf(kept.overlays, configured.overlays),
  };
}

/** With an entry that stands in the configuration now as it is on air. */
export function withSaved(
  saved: SavedEntries,
  list: SavedList,
  id: string,
  now: SceneCollection,
): SavedEntries {
  const entries = list === 'sounds' ? soundsOf(now.mixer) : now[list];
  const of = new Map(saved[list]).set(id, [...(saved[list].get(id) ?? []), fingerprintOf(id, entries)]);
  return { ...saved, [list]: of };
}

/** The configuration's with what was changed on air. */
export function applyCollection(configured: SceneCollection, kept: KeptCollection): SceneCollection {
  return {
    sources: applyEntries(configured.sources, kept.sources),
    scenes: applyEntries(configured.scenes, kept.scenes),
    overlays: applyEntries(configured.overlays, kept.overlays),
    mixer: {
      ...configured.mixer,
      sources: Object.fromEntries(
        applyEntries(soundsOf(configured.mixer), kept.sounds).map(({ id, sound }) => [id, sound]),
      ),
    },
  };
}

function soundsOf({ sources }: MixerConfig): { readonly id: string; readonly sound: SourceSound }[] {
  return Object.entries(sources).map(([id, sound]) => ({ id, sound }));
}

/** How many entries differ. */
export function differences(configured: SceneCollection, wanted: SceneCollection): number {
  return sizeOf(keptCollection(configured, wanted));
}

export function sizeOf({ sources, scenes, sounds, overlays }: KeptCollection): number {
  return sources.length + scenes.length + sounds.length + overlays.length;
}
