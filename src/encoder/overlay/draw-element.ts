import type { SKRSContext2D } from '@napi-rs/canvas';
import { intersection, type Rectangle, type Size } from '../../base/geometry.js';
import type { ElementConfig } from '../../config/schema.js';
import { drawText, overhangOf } from './draw-text.js';
import type { Fonts } from './fonts.js';
import type { Images } from './images.js';
import { clockText, timerText } from './times.js';

export interface DrawingSite {
  readonly fonts: Fonts;
  readonly images: Images;
  /** In which files have to be; any without them. */
  readonly folders?: readonly string[] | undefined;
  /** Something is missing; the rest is drawn. */
  readonly onProblem: (element: string, message: string, remedy: string) => void;
}

/** The times by which elements are drawn, ms since 1970. */
export interface DrawingTime {
  readonly nowMs: number;
  readonly sinceMs: number;
}

type Box = Extract<ElementConfig, { type: 'box' }>;
type Bar = Extract<ElementConfig, { type: 'bar' }>;
type ImageElement = Extract<ElementConfig, { type: 'image' }>;
type TextElement = Exclude<ElementConfig, { type: 'box' | 'bar' | 'image' }>;

/** The place of an element on a surface. */
export function placeOf({ x, y, width, height }: ElementConfig, surface: Size): Rectangle {
  return {
    x,
    y,
    width: width ?? Math.max(1, surface.width - x),
    height: height ?? Math.max(1, surface.height - y),
  };
}

/** All that an element may draw lies in it. */
export function boundsOf(element: ElementConfig, surface: Size): Rectangle {
  const place = placeOf(element, surface);
  const more = isText(element) ? overhangOf(element) : 1;
  const around = {
    x: place.x - more,
    y: place.y - more,
    width: place.width + 2 * more,
    height: place.height + 2 * more,
  };
  return intersection(around, { x: 0, y: 0, ...surface });
}

/** Whether it looks otherwise from one frame to the next. */
export function scrolls(element: ElementConfig): boolean {
  return element.type === 'text' && element.scroll !== 0 && element.text.trim() !== '';
}

export function isText(element: ElementConfig): element is TextElement {
  return element.type === 'text' || element.type === 'clock' || element.type === 'timer';
}

/** Draws an element into its place. */
export function drawElement(
  context: SKRSContext2D,
  element: ElementConfig,
  surface: Size,
  time: DrawingTime,
  site: DrawingSite,
): void {
  const place = placeOf(element, surface);
  context.save();
  context.globalAlpha = element.opacity;
  switch (element.type) {
    case 'box':
      drawBox(context, element, place);
      break;
    case 'bar':
      drawBar(context, element, place);
      break;
    case 'image':
      drawImage(context, element, place, site);
      break;
    default:
      drawTextElement(context, element, place, time, site);
  }
  context.restore();
}

function drawBox(context: SKRSContext2D, { colour, radius, border }: Box, place: Rectangle): void {
  context.fillStyle = colour;
  outlineRectangle(context, place, radius);
  context.fill();
  if (border === undefined || border.width === 0) return;
  const half = border.width / 2;
  const inside = {
    x: place.x + half,
    y: place.y + half,
    width: Math.max(0, place.width - border.width),
    height: Math.max(0, place.height - border.width),
  };
  context.strokeStyle = border.colour;
  context.lineWidth = border.width;
  outlineRectangle(context, inside, Math.max(0, radius - half));
  context.stroke();
}

function drawBar(context: SKRSContext2D, bar: Bar, place: Rectangle): void {
  const { value, colour, background, radius, direction } = bar;
  const isWide = direction === 'left' || direction === 'right';
  const filled = {
    width: isWide ? place.width * value : place.width,
    height: isWide ? place.height : place.height * value,
  };
  outlineRectangle(context, place, radius);
  context.clip();
  context.fillStyle = background;
  context.fillRect(place.x, place.y, place.width, place.height);
  context.fillStyle = colour;
  context.fillRect(
    direction === 'left' ? place.x + place.width - filled.width : place.x,
    direction === 'up' ? place.y + place.height - filled.height : place.y,
    filled.width,
    filled.height,
  );
}

function drawImage(
  context: SKRSContext2D,
  { id, path, fit }: ImageElement,
  place: Rectangle,
  { images, folders, onProblem }: DrawingSite,
): void {
  const loaded = images.get(path, folders);
  if (loaded === undefined) return;
  if ('problem' in loaded) {
    onProblem(
      id,
      `the image ${path} ${loaded.problem}`,
      'Set another "path"; the rest of the overlay is shown.',
    );
    return;
  }
  const { image } = loaded;
  const scale = { x: place.width / image.width, y: place.height / image.height };
  const both = fit === 'contain' ? Math.min(scale.x, scale.y) : Math.max(scale.x, scale.y);
  const width = image.width * (fit === 'stretch' ? scale.x : both);
  const height = image.height * (fit === 'stretch' ? scale.y : both);
  context.beginPath();
  context.rect(place.x, place.y, place.width, place.height);
  context.clip();
  context.drawImage(
    image,
    place.x + (place.width - width) / 2,
    place.y + (place.height - height) / 2,
    width,
    height,
  );
}

function drawTextElement(
  context: SKRSContext2D,
  element: TextElement,
  place: Rectangle,
  { nowMs, sinceMs }: DrawingTime,
  { fonts, folders, onProblem }: DrawingSite,
): void {
  const text =
    element.type === 'text'
      ? element.text
      : element.type === 'clock'
        ? clockText(element, nowMs)
        : timerText(element, sinceMs, nowMs);
  const remedy = 'Set another "font"; the text is shown in the one that comes with Bulkhead.';
  const onMissing = (font: string) => onProblem(element.id, `there is no font "${font}"`, remedy);
  const families = fonts.familiesFor(text, element.font, onMissing, folders);
  const isScrolling = scrolls(element);
  const more = overhangOf(element);
  const beside = isScrolling ? 0 : more;
  context.beginPath();
  context.rect(place.x - beside, place.y - more, place.width + 2 * beside, place.height + 2 * more);
  context.clip();
  drawText(context, {
    ...{ style: element, place, text, families },
    wrap: element.type === 'text' && element.wrap && !isScrolling,
    ...(isScrolling && element.type === 'text'
      ? { scrolled: (element.scroll * (nowMs - sinceMs)) / 1000 }
      : {}),
  });
}

function outlineRectangle(context: SKRSContext2D, { x, y, width, height }: Rectangle, radius: number): void {
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(radius, width / 2, height / 2));
}
