import type { Frame } from '../canvas/frame-pool.js';
import type { Rectangle, Size } from './planes.js';

/** A frame in its place on the canvas. */
export interface Layer {
  /** 4:2:0, or with `hasAlpha` 4:2:0 with alpha; in the compositor's memory. */
  readonly frame: Frame;
  /** The frame's; even. */
  readonly size: Size;
  readonly hasAlpha: boolean;
  /** Where it is shown, pixels of the canvas; rounded to even numbers, since chroma has half of them. It may lie partly outside. */
  readonly area: Rectangle;
  /** 0 to 1. */
  readonly opacity: number;
}

/** A layer as it is drawn: all numbers are even. */
export interface PlacedLayer extends Layer {
  /** What of the area lies on the canvas. */
  readonly visible: Rectangle;
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
  const visible = intersection(area, { x: 0, y: 0, ...canvas });
  // Also for an opacity that is no number.
  if (!(weight > 0 && visible.width > 0 && visible.height > 0)) return undefined;
  return {
    ...layer,
    area,
    visible,
    weight,
    isScaled: area.width !== size.width || area.height !== size.height,
    isOpaque: !hasAlpha && weight === 256,
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

function intersection(a: Rectangle, b: Rectangle): Rectangle {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  return {
    x,
    y,
    width: Math.min(a.x + a.width, b.x + b.width) - x,
    height: Math.min(a.y + a.height, b.y + b.height) - y,
  };
}
