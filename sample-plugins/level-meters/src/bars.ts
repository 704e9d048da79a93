import { FLOOR_DB, type LevelMeter } from './level-meter.js';

/** Between two bars, pixels. */
const GAP = 4;
const PEAK_WIDTH = 2;
/** As it lies in memory, on any processor. */
const pixel = (...rgba: readonly number[]) => new Uint32Array(Uint8Array.from(rgba).buffer)[0] ?? 0;
const TRACK = pixel(0, 0, 0, 112);
const RED = pixel(230, 40, 40, 255);
const YELLOW = pixel(240, 200, 0, 255);
const GREEN = pixel(0, 200, 80, 255);

/** Where a bar and its peak end, pixels from the left. */
type Bar = readonly [level: number, peak: number];
const xOf = (db: number, width: number) => Math.round(width * (1 - db / FLOOR_DB));

export function barOf({ level, peak }: LevelMeter, width: number): Bar {
  return [xOf(level, width), xOf(peak, width)];
}

export function drawBars(bars: readonly Bar[], width: number, height: number): Uint8Array {
  const pixels = new Uint32Array(width * height);
  const [yellow, red] = [xOf(-20, width), xOf(-9, width)];
  const pitch = Math.max(1, Math.floor(height / bars.length));
  for (const [index, [level, peak]] of bars.entries()) {
    const row = Uint32Array.from({ length: width }, (_, x) => {
      if (x >= level && (x < peak - PEAK_WIDTH || x >= peak)) return TRACK;
      return x < yellow ? GREEN : x < red ? YELLOW : RED;
    });
    const bottom = Math.min(height, index * pitch + Math.max(1, pitch - GAP));
    for (let y = index * pitch; y < bottom; y += 1) pixels.set(row, y * width);
  }
  return new Uint8Array(pixels.buffer);
}
