import type { Size } from '../../base/geometry.js';
import type { SceneConfig } from '../../config/schema.js';
import type { SceneLayers } from '../../scenes/scene-layers.js';
import type { Frame, FrameLayout } from '../canvas/frame-pool.js';
import type { Compositor } from '../compositor/compositor.js';
import type { Layer } from '../compositor/layer.js';
import { layersBetween, layersSlid } from './layers-between.js';
import { isPastCut, progressOf, type SceneChanges, type ShownTransition } from './scene-changes.js';
import type { StageSources } from './stage-sources.js';

export interface ScenePainterOptions {
  /** The canvas'. */
  readonly size: Size;
  readonly compositor: Pick<Compositor, 'compose' | 'fade'>;
  readonly sources: Pick<StageSources, 'get' | 'shown'>;
  /** Layout of a source's frame. */
  readonly layoutOf: (frame: Frame) => FrameLayout;
}

/** Right and down, of the canvas. */
const DIRECTIONS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] } as const;

/** Composes the scene on air of a canvas, and what is between two. */
export class ScenePainter {
  constructor(private readonly options: ScenePainterOptions) {}

  /**
   * @param layers of the canvas' scenes
   * @param above overlays, which transitions leave where they are
   * @returns undefined if there is no free frame
   */
  paint(scenes: SceneChanges, layers: SceneLayers, above: readonly Layer[] = []): Frame | undefined {
    const of = (scene: SceneConfig) => this.layersOf(scene, layers);
    const { transition, onAir } = scenes;
    return transition === undefined
      ? this.compose(of(onAir), above)
      : this.paintTransition(transition, { scenes, of, above });
  }

  private paintTransition(
    transition: ShownTransition,
    {
      scenes,
      of,
      above,
    }: {
      readonly scenes: SceneChanges;
      readonly of: (scene: SceneConfig) => Layer[];
      readonly above: readonly Layer[];
    },
  ): Frame | undefined {
    const { from, type, direction } = transition;
    const { size } = this.options;
    const to = scenes.onAir;
    const progress = progressOf(transition);
    switch (type) {
      case 'slide': {
        const [right, down] = DIRECTIONS[direction];
        return this.compose(
          [
            ...layersSlid(of(from), size, right * progress, down * progress),
            ...layersSlid(of(to), size, right * (progress - 1), down * (progress - 1)),
          ],
          above,
        );
      }
      case 'move':
        return this.compose(layersBetween(of(from), of(to), progress), above);
      case 'stinger':
        return this.compose(
          [...of(isPastCut(transition) ? to : from), ...this.stingLayers(scenes.sting)],
          above,
        );
      default:
        return this.fade(of(from), of(to), progress, above);
    }
  }

  private compose(layers: readonly Layer[], above: readonly Layer[]): Frame | undefined {
    return this.options.compositor.compose([...layers, ...above]);
  }

  private fade(
    from: readonly Layer[],
    to: readonly Layer[],
    progress: number,
    above: readonly Layer[],
  ): Frame | undefined {
    const { compositor, size } = this.options;
    const after = compositor.compose(to);
    const before = after && compositor.compose(from);
    const frame = before && after && compositor.fade(before, after, progress);
    before?.release();
    after?.release();
    if (frame === undefined || above.length === 0) return frame;
    const whole = { frame, size, hasAlpha: false, area: { x: 0, y: 0, ...size }, opacity: 1 };
    const composed = this.compose([whole], above);
    frame.release();
    return composed;
  }

  private layersOf(scene: SceneConfig, layers: SceneLayers): Layer[] {
    return layers.of(scene).flatMap(({ source, visible, opacity, radius, turns, areaOf }) => {
      const shown = visible ? this.shown(source) : undefined;
      if (shown === undefined) return [];
      const { masks, ...placed } = areaOf(shown.size);
      const ofMasks = masks.flatMap(({ source: mask, by, inverted, area, turns: quarters }) => {
        const frame = this.shown(mask);
        return frame === undefined ? [] : [{ ...frame, by, inverted, area, turns: quarters }];
      });
      // What a mask hides is not to be seen before there is the mask.
      if (ofMasks.length < masks.length) return [];
      return [{ ...shown, ...placed, opacity, radius, turns, masks: ofMasks }];
    });
  }

  private shown(source: string): Pick<Layer, 'frame' | 'size' | 'hasAlpha'> | undefined {
    const frame = this.options.sources.shown(source);
    if (frame === undefined) return undefined;
    const layout = this.options.layoutOf(frame);
    return { frame, size: layout, hasAlpha: layout.hasAlpha };
  }

  /** The video of a stinger, over the whole canvas. */
  private stingLayers(sting: string | undefined): Layer[] {
    const frame = sting === undefined ? undefined : this.options.sources.get(sting)?.current;
    if (frame === undefined) return [];
    const layout = this.options.layoutOf(frame);
    const area = { x: 0, y: 0, ...this.options.size };
    return [{ frame, size: layout, hasAlpha: layout.hasAlpha, area, opacity: 1 }];
  }
}
