import { isDeepStrictEqual } from 'node:util';
import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { Disposable } from 'vscode-jsonrpc';
import { intersection, type Rectangle } from '../../base/geometry.js';
import type { ElementConfig } from '../../config/schema.js';
import { boundsOf, type DrawingSite, type DrawingTime, drawElement, scrolls } from './draw-element.js';
import type { SurfaceParams } from './messages.js';
import { MOST_REGION_BYTES, type Region } from './region-stream.js';
import { nextChangeMs } from './times.js';

export interface SurfaceOptions extends DrawingSite {
  readonly send: (region: Region, pixels: Uint8Array) => void;
}

const NOTHING: Rectangle = { x: 0, y: 0, width: 0, height: 0 };
/** A timer may fire a little early. */
const EARLY_MS = 2;

/** One surface with what is drawn on it: what changes is drawn anew, and sent. */
export class Surface implements Disposable {
  private readonly canvas: Canvas;
  private readonly context: SKRSContext2D;
  private elements: readonly ElementConfig[] = [];
  private sinceMs = 0;
  private site: DrawingSite;
  private isNew = true;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly params: Pick<SurfaceParams, 'surface' | 'width' | 'height'>,
    private readonly options: SurfaceOptions,
  ) {
    this.site = options;
    this.canvas = createCanvas(params.width, params.height);
    this.context = this.canvas.getContext('2d');
  }

  /** Whether other params are of this surface as it is. */
  hasSize({ width, height }: Pick<SurfaceParams, 'width' | 'height'>): boolean {
    return this.params.width === width && this.params.height === height;
  }

  /** Paths of the images that it shows. */
  get images(): readonly string[] {
    return this.elements.flatMap((element) => (element.type === 'image' ? [element.path] : []));
  }

  set({ elements, sinceMs, folders }: Pick<SurfaceParams, 'elements' | 'sinceMs' | 'folders'>): void {
    const before = this.elements;
    const isElsewhen = sinceMs !== this.sinceMs;
    this.elements = elements;
    this.sinceMs = sinceMs;
    this.site = { ...this.options, folders };
    const changed = [...differing(before, elements), ...differing(elements, before)];
    const timed = isElsewhen ? elements.filter((element) => isTimed(element) || scrolls(element)) : [];
    this.draw([...changed, ...timed], Date.now());
  }

  /** Draws what moves as it is at a time; sends something in any case. */
  tick(nowMs: number): void {
    this.draw(this.elements.filter(scrolls), nowMs);
  }

  /** An image has been read that was missing. */
  redrawImage(path: string): void {
    const shown = this.elements.filter((element) => element.type === 'image' && element.path === path);
    if (shown.length > 0) this.draw(shown, Date.now());
  }

  /** @param changed elements, as they are and as they were */
  private draw(changed: readonly ElementConfig[], nowMs: number): void {
    const { params, context } = this;
    const areas = changed.map((element) => boundsOf(element, params));
    const area = evenIn(areas.reduce(union, NOTHING), params);
    if (area.width > 0) {
      context.save();
      // What lies beside it is not seen, and need not be drawn.
      context.beginPath();
      context.rect(area.x, area.y, area.width, area.height);
      context.clip();
      context.clearRect(area.x, area.y, area.width, area.height);
      const time: DrawingTime = { nowMs, sinceMs: this.sinceMs };
      for (const element of this.elements) {
        const { width, height } = intersection(boundsOf(element, params), area);
        if (width > 0 && height > 0) drawElement(context, element, params, time, this.site);
      }
      context.restore();
    }
    this.send(area);
    this.wait(nowMs);
  }

  /** In bands: none is larger than a reader takes. */
  private send(area: Rectangle): void {
    const { params, context, elements, options } = this;
    const { surface, width, height } = params;
    const all = elements.map((element) => boundsOf(element, params)).reduce(union, NOTHING);
    const common = { surface, size: { width, height }, bounds: evenIn(all, params) };
    const isMoving = elements.some(scrolls);
    const rows = area.width > 0 ? Math.max(2, 2 * Math.floor(MOST_REGION_BYTES / area.width / 8)) : 0;
    const bottom = area.y + area.height;
    for (let y = area.y; y === area.y || y < bottom; y += rows) {
      const part = { ...area, y, height: Math.min(rows, bottom - y) };
      const pixels =
        part.width > 0
          ? new Uint8Array(context.getImageData(part.x, part.y, part.width, part.height).data.buffer)
          : new Uint8Array();
      const isLast = y + rows >= bottom;
      options.send({ ...common, area: part, isFirst: this.isNew, isLast, isMoving }, pixels);
      this.isNew = false;
      if (isLast) break;
    }
  }

  /** Until a clock says something else. */
  private wait(nowMs: number): void {
    clearTimeout(this.timer);
    const timed = this.elements.filter(isTimed);
    if (timed.length === 0) return;
    const next = Math.min(...timed.map((element) => nextChangeMs(element, this.sinceMs, nowMs)));
    this.timer = setTimeout(
      () => this.draw(timed, Math.max(Date.now(), next)),
      Math.max(1, next - Date.now() + EARLY_MS),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}

function isTimed(element: ElementConfig): element is Extract<ElementConfig, { type: 'clock' | 'timer' }> {
  return element.type === 'clock' || element.type === 'timer';
}

/** Those that are not the same, in the same place, among others. */
function differing(elements: readonly ElementConfig[], others: readonly ElementConfig[]): ElementConfig[] {
  return elements.filter((element, index) => !isDeepStrictEqual(element, others[index]));
}

function union(a: Rectangle, b: Rectangle): Rectangle {
  if (a.width <= 0 || a.height <= 0) return b;
  if (b.width <= 0 || b.height <= 0) return a;
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** The even rectangle around it; empty if nothing of it is on the surface. */
function evenIn(
  area: Rectangle,
  { width, height }: { readonly width: number; readonly height: number },
): Rectangle {
  const even = (value: number) => 2 * Math.floor(value / 2);
  const [left, top] = [even(Math.max(0, area.x)), even(Math.max(0, area.y))];
  const right = Math.min(width, -even(-(area.x + area.width)));
  const bottom = Math.min(height, -even(-(area.y + area.height)));
  if (right <= left || bottom <= top) return NOTHING;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
