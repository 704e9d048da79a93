import type { Size } from '../../base/geometry.js';
import type { LayerConfig, SceneConfig } from '../../config/scene-schema.js';
import type { LayerGlide } from '../../protocol/scenes.js';
import { eased } from '../../scenes/keyframes.js';
import { placeOf } from '../../scenes/layer-area.js';

/** What of a layer can change gradually. */
type Looks = Required<Pick<LayerConfig, 'x' | 'y' | 'width' | 'height' | 'opacity' | 'radius' | 'crop'>>;

interface Gliding {
  readonly from: Looks;
  readonly to: Looks;
  readonly easing: LayerGlide['easing'];
  readonly slots: number;
  slot: number;
  readonly finish: () => void;
}

/** Layers that are on their way from one place to another. */
export class LayerGlides {
  private gliding = new Map<string, Gliding>();

  constructor(
    private readonly canvas: Size,
    private readonly fps: number,
  ) {}

  get isMoving(): boolean {
    return this.gliding.size > 0;
  }

  /**
   * Goes on with scenes as they are to be. What was on its way and has another target now is there at once, or takes the new way.
   *
   * @param shown how they are now
   * @param glide how layers that differ get there; at once without it
   * @returns resolves when none of these layers moves any more
   */
  async begin(
    shown: readonly SceneConfig[],
    wanted: readonly SceneConfig[],
    glide: LayerGlide | undefined,
  ): Promise<void> {
    const slots = Math.round(((glide?.durationMs ?? 0) * this.fps) / 1000);
    const before = new Map(
      shown.flatMap((scene) => scene.layers.map((layer) => [keyOf(scene, layer), layer])),
    );
    const next = new Map<string, Gliding>();
    const finished: Promise<void>[] = [];
    for (const scene of wanted)
      for (const layer of scene.layers) {
        const key = keyOf(scene, layer);
        const to = this.looksOf(layer);
        const now = this.gliding.get(key);
        if (now !== undefined && isSame(now.to, to)) next.set(key, now);
        else if (glide !== undefined && slots > 0 && before.has(key)) {
          const from = this.looksOf(before.get(key) as LayerConfig);
          if (isSame(from, to)) continue;
          const { promise, resolve } = deferred();
          finished.push(promise);
          next.set(key, { from, to, easing: glide.easing, slots, slot: 0, finish: resolve });
        }
      }
    const replaced = [...this.gliding].filter(([key, one]) => next.get(key) !== one);
    this.gliding = next;
    for (const [, { finish }] of replaced) finish();
    await Promise.all(finished);
  }

  /** To be called once for each slot while it moves. @returns the scenes as they are in it */
  take(wanted: readonly SceneConfig[]): readonly SceneConfig[] {
    for (const [key, one] of this.gliding) {
      one.slot += 1;
      if (one.slot < one.slots) continue;
      this.gliding.delete(key);
      one.finish();
    }
    return wanted.map((scene) =>
      scene.layers.some((layer) => this.gliding.has(keyOf(scene, layer)))
        ? { ...scene, layers: scene.layers.map((layer) => ({ ...layer, ...this.now(keyOf(scene, layer)) })) }
        : scene,
    );
  }

  /** Nobody waits any more. */
  end(): void {
    for (const { finish } of this.gliding.values()) finish();
    this.gliding.clear();
  }

  private now(key: string): Looks | undefined {
    const one = this.gliding.get(key);
    if (one === undefined) return undefined;
    const { from, to, easing, slot, slots } = one;
    const progress = eased(slot / slots, easing);
    const mean = (a: number, b: number) => a + (b - a) * progress;
    return {
      x: mean(from.x, to.x),
      y: mean(from.y, to.y),
      width: mean(from.width, to.width),
      height: mean(from.height, to.height),
      opacity: mean(from.opacity, to.opacity),
      radius: mean(from.radius, to.radius),
      crop: {
        left: mean(from.crop.left, to.crop.left),
        top: mean(from.crop.top, to.crop.top),
        right: mean(from.crop.right, to.crop.right),
        bottom: mean(from.crop.bottom, to.crop.bottom),
      },
    };
  }

  private looksOf(layer: LayerConfig): Looks {
    const { opacity, radius, crop } = layer;
    return { ...placeOf(layer, this.canvas), opacity, radius, crop };
  }
}

function keyOf({ id }: SceneConfig, layer: LayerConfig): string {
  return `${id}/${layer.id}`;
}

function isSame(a: Looks, b: Looks): boolean {
  const { crop: cropA, ...restA } = a;
  const { crop: cropB, ...restB } = b;
  const equal = <T extends object>(one: T, other: T) =>
    (Object.keys(one) as (keyof T)[]).every((key) => one[key] === other[key]);
  return equal(restA, restB) && equal(cropA, cropB);
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
