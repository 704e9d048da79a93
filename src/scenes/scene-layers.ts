import { intersection, type Rectangle, type Size, turned } from '../base/geometry.js';
import type { LayerConfig, SceneConfig } from '../config/scene-schema.js';
import { areaOf, type LayerArea, placeOf, turnedCrop } from './layer-area.js';

/** A source that is the mask of another one. */
interface MaskSource {
  readonly source: string;
  readonly needed: Size;
}

/** A source as a scene shows it, be it through a scene that is a layer of it. */
export interface SourceLayer {
  readonly source: string;
  readonly visible: boolean;
  /** 0 to 1 */
  readonly opacity: number;
  /** Of its rounded corners, pixels of the canvas. */
  readonly radius: number;
  /** Quarters by which its frames are turned clockwise, 0 to 3. */
  readonly turns: number;
  /** Where a frame of this size, in square pixels and not turned, is on the canvas. */
  readonly areaOf: (frame: Size) => LayerArea;
  /** How large its frames have to be, so that none is scaled up. */
  readonly needed: Size;
  /** Whether its place has to be covered. */
  readonly covers: boolean;
  /** Whether it is shown as large as it is. */
  readonly isNative: boolean;
  readonly masks: readonly MaskSource[];
}

/** How large a source is shown at most. */
export interface SourceUse extends Size {
  /** Whether a layer has to be covered by it. */
  readonly covers: boolean;
  /** Whether a layer shows it as large as it is; the size is the largest that it may have then. */
  readonly isNative: boolean;
}

/** How much larger than the canvas a source may be that is shown as large as it is. */
const MOST_NATIVE = 2;

/** What scenes show on a canvas, the scenes within them taken apart. */
export class SceneLayers {
  private readonly known = new Map<SceneConfig, readonly SourceLayer[]>();
  private readonly knownSources = new Map<SceneConfig, ReadonlySet<string>>();
  private readonly knownHeard = new Map<SceneConfig, ReadonlySet<string>>();

  /** @param scenes none of which shows itself */
  constructor(
    readonly scenes: readonly SceneConfig[],
    private readonly canvas: Size,
  ) {}

  /** The lowest one first, hidden ones among them. */
  of(scene: SceneConfig): readonly SourceLayer[] {
    const known = this.known.get(scene);
    if (known !== undefined) return known;
    const layers = scene.layers.flatMap((layer) => this.flat(layer));
    this.known.set(scene, layers);
    return layers;
  }

  /** Ids of the sources that can be seen in a scene, and of those that are masks there. */
  sourcesOf(scene: SceneConfig): ReadonlySet<string> {
    const known = this.knownSources.get(scene);
    if (known !== undefined) return known;
    const visible = this.of(scene).filter((layer) => layer.visible);
    const sources = new Set(
      visible.flatMap(({ source, masks }) => [source, ...masks.map((mask) => mask.source)]),
    );
    this.knownSources.set(scene, sources);
    return sources;
  }

  /** Ids of the sources whose sound belongs to a scene: a mask is not heard. */
  heardIn(scene: SceneConfig): ReadonlySet<string> {
    const known = this.knownHeard.get(scene);
    if (known !== undefined) return known;
    const heard = new Set(this.of(scene).flatMap(({ source, visible }) => (visible ? [source] : [])));
    this.knownHeard.set(scene, heard);
    return heard;
  }

  /** Whether any scene has it, visible or not. */
  has(source: string): boolean {
    return this.scenes.some((scene) => this.of(scene).some((layer) => layer.source === source));
  }

  /** A source that is shown as large as it is. */
  get nativeUse(): SourceUse {
    const { width, height } = this.canvas;
    return { width: MOST_NATIVE * width, height: MOST_NATIVE * height, covers: false, isNative: true };
  }

  /**
   * How large the frames of a source have to be for all of its layers. What is cropped has to be there as well, so that a layer with little
   * left of its source needs a larger one, up to the canvas' size.
   */
  useOf(source: string): SourceUse {
    const all = this.scenes.flatMap((scene) => this.of(scene));
    const layers = all.filter((layer) => layer.source === source);
    const masks = all.flatMap((layer) => layer.masks.filter((mask) => mask.source === source));
    const { canvas } = this;
    const isNative = layers.some((layer) => layer.isNative);
    if (isNative) return this.nativeUse;
    const most = (side: keyof Size) =>
      Math.max(2, ...[...layers, ...masks].map(({ needed }) => Math.min(needed[side], canvas[side])));
    return {
      width: even(most('width')),
      height: even(most('height')),
      covers: masks.length > 0 || layers.some(({ covers }) => covers),
      isNative,
    };
  }

  private flat(layer: LayerConfig): readonly SourceLayer[] {
    const { canvas } = this;
    const { source, visible, opacity, radius, fit } = layer;
    const turns = layer.rotate / 90;
    const masks =
      layer.mask === undefined ? [] : [{ source: layer.mask.source, needed: placeOf(layer, canvas) }];
    if (source !== undefined) {
      const area = (frame: Size) => areaOf(layer, turned(frame, turns), canvas);
      const needed = turned(neededSize(layer, canvas), turns);
      const [covers, isNative] = [fit !== 'contain', fit === 'none'];
      return [{ source, visible, opacity, radius, turns, needed, covers, isNative, masks, areaOf: area }];
    }
    const scene = this.scenes.find(({ id }) => id === layer.scene);
    if (scene === undefined) return [];
    const frame = turned(canvas, turns);
    const { area, clip, masks: around } = areaOf(layer, frame, canvas);
    const scale = { x: area.width / frame.width, y: area.height / frame.height };
    const within = (part: Rectangle): Rectangle => {
      const { x, y, width, height } = turnedPart(part, canvas, turns);
      return {
        x: area.x + x * scale.x,
        y: area.y + y * scale.y,
        width: width * scale.x,
        height: height * scale.y,
      };
    };
    const shown = intersection(area, clip);
    return this.of(scene).map((inner) => ({
      ...inner,
      visible: visible && inner.visible,
      opacity: opacity * inner.opacity,
      radius: inner.radius * Math.min(scale.x, scale.y),
      turns: (inner.turns + turns) % 4,
      needed: scaled(inner.needed, turned({ width: scale.x, height: scale.y }, inner.turns + turns)),
      masks: [
        ...masks,
        ...inner.masks.map((mask) => ({
          ...mask,
          needed: scaled(mask.needed, turned({ width: scale.x, height: scale.y }, turns)),
        })),
      ],
      areaOf: (frame) => {
        const placed = inner.areaOf(frame);
        const ofInner = placed.masks.map((mask) => ({
          ...mask,
          area: within(mask.area),
          turns: (mask.turns + turns) % 4,
        }));
        return {
          area: within(placed.area),
          clip: intersection(within(placed.clip), shown),
          masks: [...ofInner, ...around],
        };
      },
    }));
  }
}

/** How many sources a scene shows, with those of scenes within it; infinite for one that shows itself. */
export function countLayers(
  scene: SceneConfig,
  scenes: readonly SceneConfig[],
  known = new Map<string, number>(),
): number {
  const found = known.get(scene.id);
  if (found !== undefined) return found;
  // Until it is known: who asks for it meanwhile is within it.
  known.set(scene.id, Number.POSITIVE_INFINITY);
  const count = scene.layers.reduce((sum, layer) => {
    if (layer.scene === undefined) return sum + 1;
    const inner = scenes.find(({ id }) => id === layer.scene);
    return sum + (inner === undefined ? 0 : countLayers(inner, scenes, known));
  }, 0);
  known.set(scene.id, count);
  return count;
}

/** Whether a scene shows itself, be it through others. */
export function showsItself({ id }: SceneConfig, scenes: readonly SceneConfig[]): boolean {
  const seen = new Set<string>();
  const reach = (scene: string) => {
    if (seen.has(scene)) return;
    seen.add(scene);
    const { layers = [] } = scenes.find((other) => other.id === scene) ?? {};
    for (const layer of layers) if (layer.scene !== undefined) reach(layer.scene);
  };
  const { layers = [] } = scenes.find((scene) => scene.id === id) ?? {};
  for (const layer of layers) if (layer.scene !== undefined) reach(layer.scene);
  return seen.has(id);
}

/** Id of the lowest source that a scene shows; undefined if it shows none. */
export function lowestSource(scene: SceneConfig, scenes: readonly SceneConfig[]): string | undefined {
  if (showsItself(scene, scenes)) return undefined;
  for (const layer of scene.layers) {
    const inner = scenes.find(({ id }) => id === layer.scene);
    const source = layer.source ?? (inner && lowestSource(inner, scenes));
    if (source !== undefined) return source;
  }
  return undefined;
}

/** Where a part of a frame is when the frame is turned clockwise. */
function turnedPart({ x, y, width, height }: Rectangle, frame: Size, quarters: number): Rectangle {
  switch (quarters) {
    case 1:
      return { x: frame.height - y - height, y: x, width: height, height: width };
    case 2:
      return { x: frame.width - x - width, y: frame.height - y - height, width, height };
    case 3:
      return { x: y, y: frame.width - x - width, width: height, height: width };
    default:
      return { x, y, width, height };
  }
}

function scaled(size: Size, scale: Size): Size {
  return { width: size.width * scale.width, height: size.height * scale.height };
}

function neededSize(layer: LayerConfig, canvas: Size): Size {
  const { width, height } = placeOf(layer, canvas);
  const { left, top, right, bottom } = turnedCrop(layer.crop, layer.rotate / 90);
  return { width: width / (1 - left - right), height: height / (1 - top - bottom) };
}

function even(pixels: number): number {
  return 2 * Math.ceil(pixels / 2);
}
