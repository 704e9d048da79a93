import { intersection, type Rectangle, type Size } from '../base/geometry.js';
import type { LayerConfig, MaskConfig } from '../config/scene-schema.js';

/** A mask in its place, pixels of the frame that is composed. */
export interface PlacedMask extends MaskConfig {
  readonly area: Rectangle;
  /** Quarters by which its frames are turned clockwise, 0 to 3. */
  readonly turns: number;
}

/** Where a layer's source is, on the frame that is composed; pixels, not rounded. */
export interface LayerArea {
  /** Of its whole frame, with what is cropped. */
  readonly area: Rectangle;
  /** What of that is shown. */
  readonly clip: Rectangle;
  readonly masks: readonly PlacedMask[];
}

/** The place that a layer has on the frame. */
export function placeOf(
  { x, y, width, height }: Pick<LayerConfig, 'x' | 'y' | 'width' | 'height'>,
  canvas: Size,
): Rectangle {
  return { x, y, width: width ?? canvas.width, height: height ?? canvas.height };
}

/**
 * Fits a source into its layer's place.
 *
 * @param source size of its frames as they are turned, in square pixels
 */
export function areaOf(layer: LayerConfig, source: Size, canvas: Size): LayerArea {
  const place = placeOf(layer, canvas);
  const { left, top, right, bottom } = turnedCrop(layer.crop, layer.rotate / 90);
  const kept = { width: source.width * (1 - left - right), height: source.height * (1 - top - bottom) };
  const scale = scaleOf(layer.fit, kept, place);
  const shown = {
    width: kept.width * scale.x,
    height: kept.height * scale.y,
    x: place.x + (place.width - kept.width * scale.x) / 2,
    y: place.y + (place.height - kept.height * scale.y) / 2,
  };
  const whole = { width: source.width * scale.x, height: source.height * scale.y };
  const clip = layer.fit === 'cover' || layer.fit === 'none' ? intersection(place, shown) : shown;
  return {
    area: { ...whole, x: shown.x - whole.width * left, y: shown.y - whole.height * top },
    clip,
    masks: layer.mask === undefined ? [] : [{ ...layer.mask, area: clip, turns: 0 }],
  };
}

/** What is cut off of the source, as its sides lie when it is turned clockwise. */
export function turnedCrop(
  { left, top, right, bottom }: LayerConfig['crop'],
  quarters: number,
): LayerConfig['crop'] {
  const sides = [left, top, right, bottom];
  const side = (index: number) => sides[(index - quarters + 4) % 4] ?? 0;
  return { left: side(0), top: side(1), right: side(2), bottom: side(3) };
}

function scaleOf(
  fit: LayerConfig['fit'],
  kept: Size,
  place: Size,
): { readonly x: number; readonly y: number } {
  const [x, y] = [place.width / kept.width, place.height / kept.height];
  switch (fit) {
    case 'stretch':
      return { x, y };
    case 'contain':
      return { x: Math.min(x, y), y: Math.min(x, y) };
    case 'cover':
      return { x: Math.max(x, y), y: Math.max(x, y) };
    case 'none':
      return { x: 1, y: 1 };
  }
}
