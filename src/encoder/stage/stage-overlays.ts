import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import { moved, type Rectangle, type Size } from '../../base/geometry.js';
import type { StageOverlay } from '../../config/encode-settings.js';
import { type AnimatedValues, animated } from '../../scenes/keyframes.js';
import type { Frame } from '../canvas/frame-pool.js';
import type { Layer } from '../compositor/layer.js';
import type { DrawnSource } from '../overlay/drawn-source.js';

/** Draws overlays; undefined for one that has no memory for its frames. */
export interface OverlayDrawer {
  open(overlay: StageOverlay, size: Size): DrawnSource | undefined;
  /** What an open one shows from now on, of the same size. */
  set(source: DrawnSource, overlay: StageOverlay): void;
}

export interface StageOverlaysOptions {
  /** The canvas'. */
  readonly size: Size;
  readonly fps: number;
  readonly drawer: OverlayDrawer;
}

/** An animation that is so far from the clock follows it again, ms: slots have been left out. */
const MOST_DRIFT_MS = 200;

/** A frame, which may be of another size than the overlay has now. */
interface DrawnFrame {
  readonly frame: Frame;
  readonly size: Size;
  readonly bounds: Rectangle;
}

/** One overlay, while it is shown or disappears. */
interface Shown {
  config: StageOverlay;
  size: Size;
  source: DrawnSource;
  /** What is shown of it; undefined before its first frame. */
  drawn: DrawnFrame | undefined;
  /** How far it has appeared, 0 to 1. */
  level: number;
  /** Since its times began to count. */
  elapsedMs: number;
  values: AnimatedValues;
}

/** The overlays above every scene: where each is in each slot. */
export class StageOverlays implements Disposable {
  private wanted: readonly StageOverlay[] = [];
  private shown: readonly Shown[] = [];
  private frames = 0;

  constructor(private readonly options: StageOverlaysOptions) {}

  /** Another text for other looks. */
  get key(): string {
    return `${this.frames} ${this.shown.map(({ level, values: { x, y, opacity } }) => `${level},${x},${y},${opacity}`)}`;
  }

  set(overlays: readonly StageOverlay[]): void {
    this.wanted = overlays.filter(({ visible }) => visible);
    const { drawer } = this.options;
    const kept = new Map<string, Shown>();
    for (const one of this.shown) {
      const config = overlays.find(({ id }) => id === one.config.id);
      if (config === undefined) continue;
      const size = sizeOf(config, this.options.size);
      const source = isDeepStrictEqual(size, one.size) ? one.source : drawer.open(config, size);
      if (source === undefined) {
        this.close(one);
        continue;
      }
      if (source !== one.source) {
        one.source.dispose();
        one.source = source;
        one.size = size;
      } else if (
        config.sinceMs !== one.config.sinceMs ||
        !isDeepStrictEqual(config.elements, one.config.elements)
      )
        drawer.set(source, config);
      if (config.sinceMs !== one.config.sinceMs) one.elapsedMs = Date.now() - config.sinceMs;
      one.config = config;
      kept.set(config.id, one);
    }
    const leaving = this.shown.filter(({ config }) => overlays.every(({ id }) => id !== config.id));
    const listed = overlays.flatMap(
      (config) => kept.get(config.id) ?? (config.visible ? this.open(config) : []),
    );
    this.shown = [...leaving, ...listed];
  }

  /** To be called once for each slot. */
  take(): void {
    const { fps } = this.options;
    for (const one of this.shown) {
      const { config, source } = one;
      const { frame } = source.take();
      if (frame !== undefined) {
        one.drawn?.frame.release();
        one.drawn = { frame, size: one.size, bounds: source.bounds };
        this.frames += 1;
      }
      const target = this.wanted.includes(config) ? 1 : 0;
      const step = config.fadeMs === 0 ? 1 : 1000 / (config.fadeMs * fps);
      // It appears with its first frame.
      if (one.drawn !== undefined || target === 0)
        one.level =
          target > one.level ? Math.min(target, one.level + step) : Math.max(target, one.level - step);
      one.elapsedMs += 1000 / fps;
      const clockMs = Date.now() - config.sinceMs;
      if (Math.abs(one.elapsedMs - clockMs) > MOST_DRIFT_MS) one.elapsedMs = clockMs;
      one.values = animated(config, config.animation, one.elapsedMs);
    }
    const gone = this.shown.filter(({ config, level }) => level === 0 && !this.wanted.includes(config));
    for (const one of gone) this.close(one);
    if (gone.length > 0) this.shown = this.shown.filter((one) => !gone.includes(one));
  }

  /** The lowest one first. */
  get layers(): readonly Layer[] {
    return this.shown.flatMap(({ drawn, level, values }) => {
      const opacity = level * values.opacity;
      if (drawn === undefined || opacity <= 0) return [];
      const { frame, size, bounds } = drawn;
      const area = { x: values.x, y: values.y, ...size };
      return [{ frame, size, hasAlpha: true, area, clip: moved(bounds, values.x, values.y), opacity }];
    });
  }

  private open(config: StageOverlay): Shown[] {
    const size = sizeOf(config, this.options.size);
    const source = this.options.drawer.open(config, size);
    if (source === undefined) return [];
    const elapsedMs = Date.now() - config.sinceMs;
    return [{ config, size, source, drawn: undefined, level: 0, elapsedMs, values: config }];
  }

  private close({ source, drawn }: Shown): void {
    drawn?.frame.release();
    source.dispose();
    this.frames += 1;
  }

  dispose(): void {
    for (const one of this.shown) this.close(one);
    this.shown = [];
  }
}

/** In even pixels. */
function sizeOf({ x, y, width, height }: StageOverlay, canvas: Size): Size {
  const even = (pixels: number) => Math.max(2, 2 * Math.ceil(pixels / 2));
  return { width: even(width ?? canvas.width - x), height: even(height ?? canvas.height - y) };
}
