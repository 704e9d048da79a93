import { intersection, moved, type Rectangle, type Size } from '../../base/geometry.js';
import { eased } from '../../scenes/keyframes.js';
import type { Layer } from '../compositor/layer.js';

/**
 * What is seen while one scene becomes another by moving: what both show goes from its place in the one to that in the other. The rest of the next
 * scene appears in the first half, and what it does not show disappears in the second, so that nothing shines through between two backgrounds.
 *
 * @param progress from 0 to 1
 */
export function layersBetween(from: readonly Layer[], to: readonly Layer[], progress: number): Layer[] {
  const moved = eased(progress, 'ease-in-out');
  const leaving = [...from];
  const coming = to.map((layer) => {
    // A source has one frame, however many layers show it.
    const at = leaving.findIndex(
      ({ frame, turns }) => frame === layer.frame && (turns ?? 0) === (layer.turns ?? 0),
    );
    const [before] = leaving.splice(at, at < 0 ? 0 : 1);
    if (before === undefined) return { ...layer, opacity: layer.opacity * Math.min(1, 2 * progress) };
    return {
      ...layer,
      area: rectangleBetween(before.area, layer.area, moved),
      clip: rectangleBetween(before.clip ?? before.area, layer.clip ?? layer.area, moved),
      opacity: between(before.opacity, layer.opacity, moved),
      radius: between(before.radius ?? 0, layer.radius ?? 0, moved),
    };
  });
  const left = leaving.map((layer) => ({ ...layer, opacity: layer.opacity * Math.min(1, 2 - 2 * progress) }));
  return [...left, ...coming];
}

/** A scene on its way in or out of the canvas. @param right and `down`: how far it is off, of the canvas */
export function layersSlid(
  layers: readonly Layer[],
  { width, height }: Size,
  right: number,
  down: number,
): Layer[] {
  const shown = { x: right * width, y: down * height, width, height };
  const along = (place: Rectangle) => moved(place, shown.x, shown.y);
  return layers.map((layer) => ({
    ...layer,
    area: along(layer.area),
    clip: intersection(along(layer.clip ?? layer.area), shown),
    masks: layer.masks?.map((mask) => ({ ...mask, area: along(mask.area) })) ?? [],
  }));
}

function rectangleBetween(from: Rectangle, to: Rectangle, progress: number): Rectangle {
  return {
    x: between(from.x, to.x, progress),
    y: between(from.y, to.y, progress),
    width: between(from.width, to.width, progress),
    height: between(from.height, to.height, progress),
  };
}

function between(from: number, to: number, progress: number): number {
  return from + (to - from) * progress;
}
