import type { CanvasConfig } from '../config/canvas-schema.js';
import type { MixerConfig } from '../config/mixer-schema.js';
import type { SceneConfig } from '../config/scene-schema.js';
import type { NamedSource, OverlayConfig } from '../config/schema.js';
import { MAIN_CANVAS } from './main-canvas.js';

/** All that can be shown and heard, as it was configured or changed on air. */
export interface SceneCollection {
  readonly sources: readonly NamedSource[];
  readonly scenes: readonly SceneConfig[];
  readonly mixer: MixerConfig;
  /** Drawn above every scene, the first one lowest. */
  readonly overlays: readonly OverlayConfig[];
  /** Those besides the main one, with their scenes. */
  readonly canvases: readonly CanvasConfig[];
}

/** The scenes of a canvas. */
export function scenesOn(
  { scenes, canvases }: Pick<SceneCollection, 'scenes' | 'canvases'>,
  canvas: string,
): readonly SceneConfig[] {
  if (canvas === MAIN_CANVAS) return scenes;
  return canvases.find(({ id }) => id === canvas)?.scenes ?? [];
}

/** With other scenes on a canvas. */
export function withScenesOn(
  collection: SceneCollection,
  canvas: string,
  scenes: readonly SceneConfig[],
): SceneCollection {
  if (canvas === MAIN_CANVAS) return { ...collection, scenes };
  const canvases = collection.canvases.map((other) =>
    other.id === canvas ? { ...other, scenes: [...scenes] } : other,
  );
  return { ...collection, canvases };
}

/** Ids of the scenes that have the source, hidden or not, or a mask of it. */
export function scenesWith(source: string, scenes: readonly SceneConfig[]): string[] {
  const has = ({ layers }: SceneConfig) =>
    layers.some((layer) => layer.source === source || layer.mask?.source === source);
  return scenes.filter(has).map(({ id }) => id);
}

/** The list with an entry in the place of the one that has its id, or at the end. */
export function withEntry<T extends { readonly id: string }>(list: readonly T[], entry: T): T[] {
  const hasId = list.some(({ id }) => id === entry.id);
  return hasId ? list.map((other) => (other.id === entry.id ? entry : other)) : [...list, entry];
}

export function withoutEntry<T extends { readonly id: string }>(list: readonly T[], id: string): T[] {
  return list.filter((entry) => entry.id !== id);
}

/** The list with an entry at a place, 0 being the first; it leaves the one that it had. */
export function withEntryAt<T extends { readonly id: string }>(
  list: readonly T[],
  entry: T,
  at: number | undefined,
): T[] {
  if (at === undefined) return withEntry(list, entry);
  return withoutEntry(list, entry.id).toSpliced(at, 0, entry);
}
