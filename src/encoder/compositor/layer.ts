import { intersection, type Rectangle, type Size, turned } from '../../base/geometry.js';
import type { Frame } from '../canvas/frame-pool.js';

/** What of a layer is seen, by the alpha or the luma of another frame. */
export interface LayerMask {
  /** Of the same kind as a layer's. */
  readonly frame: Frame;
  readonly size: Size;
  readonly hasAlpha: boolean;
  readonly by: 'alpha' | 'luma';
  /** Whether it hides what it would show. */
  readonly inverted: boolean;
  /** Where it lies, pixels of the canvas; rounded likewise. Nothing of the layer is seen outside. */
  readonly area: Rectangle;
  readonly turns: number;
}

/** A frame in its place on the canvas. */
export interface Layer {
  /** 4:2:0, or with `hasAlpha` 4:2:0 with alpha; in the compositor's memory. */
  readonly frame: Frame;
  /** The frame's; even. */
  readonly size: Size;
  readonly hasAlpha: boolean;
  /** Where it is shown, pixels of the canvas; rounded to even numbers, since chroma has half of them. It may lie partly outside. */
  readonly area: Rectangle;
  /** What of the area is shown; all of it if undefined. Rounded likewise. */
  readonly clip?: Rectangle;
  /** Quarters by which the frame is turned clockwise, 0 to 3; the area is that of the turned one. None without it. */
  readonly turns?: number;
  /** 0 to 1. */
  readonly opacity: number;
  /** Of the rounded corners of what is shown, pixels; none without it. */
  readonly radius?: number;
  readonly masks?: readonly LayerMask[];
}

/** A layer as it is drawn: all numbers are even. */
export interface PlacedLayer extends Layer {
  /** What is shown of it, and what of that lies on the canvas. */
  readonly shape: Rectangle;
  readonly visible: Rectangle;
  readonly radius: number;
  readonly masks: readonly LayerMask[];
  readonly turns: number;
  /** Of the turned frame. */
  readonly turnedSize: Size;
  /** 1 to 256. */
  readonly weight: number;
  readonly isScaled: boolean;
  /** Nothing shows through. */
  readonly isOpaque: boolean;
}

/** Undefined for a layer of which nothing is seen. */
export function place(layer: Layer, canvas: Size): PlacedLayer | undefined {
  const { size, hasAlpha } = layer;
  const area = evenArea(layer.area);
  if (!Object.values(area).every(Number.isFinite)) return undefined;
  const weight = Math.round(256 * Math.min(1, Math.max(0, layer.opacity)));
  const radius = Math.max(0, layer.radius ?? 0) || 0;
  const turns = layer.turns ?? 0;
  const turnedSize = turned(size, turns);
  const { clip } = layer;
  if (clip !== undefined && !(clip.width > 0 && clip.height > 0)) return undefined;
  const shape = clip === undefined ? area : intersection(area, evenArea(clip));
  const masks = (layer.masks ?? []).map((mask) => ({ ...mask, area: evenArea(mask.area) }));
  const visible = [{ x: 0, y: 0, ...canvas }, ...masks.map((mask) => mask.area)].reduce(intersection, shape);
  // Also for an opacity that is no number.
  if (!(weight > 0 && visible.width > 0 && visible.height > 0)) return undefined;
  return {
    ...layer,
    area,
    shape,
    visible,
    ...{ radius, masks, turns, turnedSize, weight },
    isScaled: area.width !== turnedSize.width || area.height !== turnedSize.height,
    isOpaque: !hasAlpha && weight === 256 && radius === 0 && masks.length === 0,
  };
}

/** Whether nothing of what lies under it can be seen. */
export function covers({ isOpaque, visible }: PlacedLayer, canvas: Size): boolean {
  return isOpaque && visible.width === canvas.width && visible.height === canvas.height;
}

function evenArea({ x, y, width, height }: Rectangle): Rectangle {
  const even = (pixels: number) => 2 * Math.round(pixels / 2);
  const size = (pixels: number) => Math.max(2, even(pixels));
  return { x: even(x), y: even(y), width: size(width), height: size(height) };
}
