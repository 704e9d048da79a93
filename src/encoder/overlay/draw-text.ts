import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Rectangle } from '../../base/geometry.js';
import type { TextStyle } from '../../config/drawing-schema.js';
import { drawableText, isRightToLeft, linesOf } from './text-lines.js';

/** Between the end of scrolling text and where it begins again, sizes of its font. */
const SCROLL_GAP = 2;
/** How far strokes may go beyond their letters, sizes of the font. */
const OVERHANG = 0.35;

/** Text in its place. */
export interface PlacedText {
  readonly style: TextStyle;
  readonly place: Rectangle;
  readonly text: string;
  /** Of fonts, as CSS writes them. */
  readonly families: string;
  readonly wrap: boolean;
  /** Pixels that it has moved to the left; undefined if it stands still. */
  readonly scrolled?: number;
}

/** How far its pixels may go beyond its place. */
export function overhangOf({ size, outline, shadow }: TextStyle): number {
  const around = (outline?.width ?? 0) + size * OVERHANG;
  const fallen =
    shadow === undefined ? 0 : Math.max(Math.abs(shadow.x), Math.abs(shadow.y)) + 2 * shadow.blur;
  return Math.ceil(around + fallen);
}

/** Draws text into its place; lines that have no room in it are left out. */
export function drawText(context: SKRSContext2D, placed: PlacedText): void {
  const { style, place, families, scrolled } = placed;
  const { size, bold, italic, lineHeight, verticalAlign } = style;
  context.font = `${italic ? 'italic ' : ''}${bold ? 'bold ' : ''}${size}px ${families}`;
  context.textBaseline = 'alphabetic';
  const text = drawableText(placed.text);
  const height = size * lineHeight;
  const lines =
    scrolled === undefined
      ? roomFor(lineList(context, text, placed), place.height, height)
      : [text.replaceAll('\n', '   ')];
  const free = place.height - lines.length * height;
  const top = place.y + (verticalAlign === 'top' ? 0 : verticalAlign === 'middle' ? free / 2 : free);
  // The same for every text of a font, so that a line stays where it is when its letters change.
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = context.measureText('Hg');
  const baseline = (height - ascent - descent) / 2 + ascent;
  for (const [index, line] of lines.entries()) {
    const y = top + index * height + baseline;
    if (scrolled === undefined) drawLine(context, line, style, startOf(context, line, placed), y);
    else drawScrolled(context, line, placed, scrolled, y);
  }
}

function lineList(context: SKRSContext2D, text: string, { wrap, place }: PlacedText): string[] {
  if (!wrap) return text.split('\n');
  return linesOf(text, (line) => context.measureText(line).width, place.width);
}

function roomFor(lines: readonly string[], height: number, lineHeight: number): string[] {
  const most = Math.max(1, Math.floor(height / lineHeight + 0.1));
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most - 1), `${lines[most - 1]?.trimEnd()}…`];
}

/** Where the left edge of a line is. */
function startOf(context: SKRSContext2D, line: string, { style, place }: PlacedText): number {
  const { width } = context.measureText(line);
  const free = place.width - width;
  const { align } = style;
  if (align === 'center') return place.x + free / 2;
  const isRight = align === 'right' || (align === 'start' && isRightToLeft(line));
  return place.x + (isRight ? free : 0);
}

function drawScrolled(
  context: SKRSContext2D,
  line: string,
  { style, place }: PlacedText,
  scrolled: number,
  y: number,
): void {
  const { width } = context.measureText(line);
  const period = Math.max(width + style.size * SCROLL_GAP, place.width);
  const moved = ((scrolled % period) + period) % period;
  for (let x = place.x - moved; x < place.x + place.width; x += period) {
    if (x + width >= place.x) drawLine(context, line, style, x, y);
  }
}

/** @param x of its left edge */
function drawLine(
  context: SKRSContext2D,
  line: string,
  { colour, outline, shadow }: TextStyle,
  x: number,
  y: number,
): void {
  context.direction = isRightToLeft(line) ? 'rtl' : 'ltr';
  context.textAlign = 'left';
  context.save();
  if (shadow !== undefined) {
    context.shadowColor = shadow.colour;
    context.shadowOffsetX = shadow.x;
    context.shadowOffsetY = shadow.y;
    context.shadowBlur = shadow.blur;
  }
  if (outline !== undefined && outline.width > 0) {
    context.strokeStyle = outline.colour;
    context.lineWidth = 2 * outline.width;
    context.lineJoin = 'round';
    context.strokeText(line, x, y);
    // Its own shadow would fall on the outline.
    context.shadowColor = '#00000000';
  }
  context.fillStyle = colour;
  context.fillText(line, x, y);
  context.restore();
}
