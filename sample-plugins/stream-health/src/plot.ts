import { type Html, html } from './html.js';
import type { Series } from './series.js';
import { clock, timeTicks, valueTicks } from './ticks.js';

/** Size of the drawing and of the margins around the plot, in units of the SVG. */
const WIDTH = 960;
const HEIGHT = 200;
const MARGIN = { left: 58, right: 30, top: 20, bottom: 24 };
/** The line is interrupted after this long without a value, ms. */
const PAUSE_MS = 5000;

export interface Line {
  readonly name: string;
  /** 0 to 5. */
  readonly color: number;
  readonly series: Series;
}

/** A moment shown as a line across the plot. */
export interface Moment {
  readonly atMs: number;
  readonly kind: 'gap' | 'marker';
  readonly text: string;
  /** Drawn above the plot. */
  readonly sign: string;
}

export interface PlotOptions {
  readonly title: string;
  readonly unit: string;
  /** The time shown, ms since the broadcast's start. */
  readonly span: { readonly fromMs: number; readonly toMs: number };
  readonly lines: readonly Line[];
  readonly moments: readonly Moment[];
}

/** Lines over time as an SVG: the mean of each bucket, with a band from minimum to maximum behind it. */
export function plot({ title, unit, span, lines, moments }: PlotOptions): Html {
  const greatest = Math.max(0, ...lines.map(({ series }) => series.total?.max ?? 0));
  const values = valueTicks(greatest);
  const duration = Math.max(1, span.toMs - span.fromMs);
  const scaleX = (WIDTH - MARGIN.left - MARGIN.right) / duration;
  const scaleY = (HEIGHT - MARGIN.top - MARGIN.bottom) / (values.at(-1) ?? 1);
  const x = (ms: number) =>
    round(MARGIN.left + (Math.min(span.toMs, Math.max(span.fromMs, ms)) - span.fromMs) * scaleX);
  const y = (value: number) => round(HEIGHT - MARGIN.bottom - value * scaleY);
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;

  return html`<figure>
<figcaption>${title} <span class="unit">${unit}</span>${lines.length > 1 ? legend(lines) : ''}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
${values.map(
  (value) => html`<path class="grid" d="M${MARGIN.left} ${y(value)}H${right}"/>
<text class="tick" x="${MARGIN.left - 8}" y="${y(value) + 4}" text-anchor="end">${value.toLocaleString('en')}</text>
`,
)}${timeTicks(span.fromMs, span.toMs).map(
  (ms) => html`<text class="tick" x="${x(ms)}" y="${bottom + 17}" text-anchor="middle">${clock(ms)}</text>
`,
)}${moments.map(
  ({ atMs, kind, text, sign }) => html`<g class="${kind}"><title>${`${clock(atMs)} ${text}`}</title>
<path d="M${x(atMs)} ${MARGIN.top}V${bottom}"/><text x="${x(atMs)}" y="${MARGIN.top - 6}" text-anchor="middle">${sign}</text></g>
`,
)}${lines.map(({ name, color, series }) => {
  const parts = runs(series);
  return html`<g class="line c${color}"><title>${name}</title>
<path class="band" d="${parts.map((part) => band(part, x, y)).join('')}"/>
<path class="mean" d="${parts.map((part) => mean(part, x, y)).join('')}"/></g>
`;
})}</svg>
</figure>
`;
}

type Point = {
  readonly atMs: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
};
type Scale = (value: number) => number;

/** The series, split where nothing was measured for a while. */
function runs(series: Series): Point[][] {
  const parts: Point[][] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const point of series.points()) {
    if (point.atMs - before > Math.max(PAUSE_MS, 1.5 * series.widthMs)) parts.push([]);
    parts.at(-1)?.push(point);
    before = point.atMs;
  }
  return parts;
}

function mean(part: readonly Point[], x: Scale, y: Scale): string {
  const points = part.map(({ atMs, sum, count }) => `${x(atMs)} ${y(sum / count)}`);
  // A single point is visible by its round line caps.
  return `M${points.join('L')}${points.length === 1 ? 'h0' : ''}`;
}

function band(part: readonly Point[], x: Scale, y: Scale): string {
  const above = part.map(({ atMs, max }) => `${x(atMs)} ${y(max)}`);
  const below = part.map(({ atMs, min }) => `${x(atMs)} ${y(min)}`).reverse();
  return `M${[...above, ...below].join('L')}Z`;
}

function legend(lines: readonly Line[]): Html {
  return html`<span class="legend">${lines.map(({ name, color }) => html`<span class="key c${color}">${name}</span>`)}</span>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
