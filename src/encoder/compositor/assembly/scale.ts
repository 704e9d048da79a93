// A plane is scaled line by line: first the rows that a line of the result consists of are added up, 16 columns at once, then
// the columns of that line. How much of which row and column comes from tables that scale-tables.ts makes.

import { pack4, sumLanes, sumPairs } from './lanes';

/** Rows' weights add up to 256: the line has 8 bits more than a sample, of which one is dropped to make it signed. */
function addRows(line: usize, source: usize, stride: usize, width: i32, weights: usize, taps: i32): void {
  const zero = i16x8.splat(0);
  let x = 0;
  for (; x + 16 <= width; x += 16) {
    let first = zero;
    let second = zero;
    let from = source + x;
    for (let tap = 0; tap < taps; tap++) {
      const weight = v128.load16_splat(weights + 2 * tap);
      const samples = v128.load(from);
      first = i16x8.add(first, i16x8.mul(i16x8.extend_low_i8x16_u(samples), weight));
      second = i16x8.add(second, i16x8.mul(i16x8.extend_high_i8x16_u(samples), weight));
      from += stride;
    }
    v128.store(line + 2 * x, i16x8.avgr_u(first, zero));
    v128.store(line + 2 * x, i16x8.avgr_u(second, zero), 16);
  }
  for (; x < width; x++) {
    let sum: u32 = 0;
    let from = source + x;
    for (let tap = 0; tap < taps; tap++) {
      sum += <u32>load<u8>(from) * load<u16>(weights + 2 * tap);
      from += stride;
    }
    store<u16>(line + 2 * x, (sum + 1) >> 1);
  }
}

/** Four samples of the result, of sums that are 21 bits longer. */
function samples4(sums: v128): u32 {
  return pack4(i32x4.shr_s(i32x4.add(sums, i32x4.splat(1 << 20)), 21));
}

function store4(target: usize, samples: u32, count: i32): void {
  if (count >= 4) {
    store<u32>(target, samples);
    return;
  }
  for (let x = 0; x < count; x++) store<u8>(target + x, samples >> (8 * x));
}

/** Two times four columns of the line, next to each other. */
function pair(line: usize, starts: usize): v128 {
  return v128.load64_lane(line + load<u32>(starts, 4), v128.load64_zero(line + load<u32>(starts)), 1);
}

function addFourColumns(target: usize, width: i32, line: usize, starts: usize, weights: usize): void {
  for (let x = 0; x < width; x += 4) {
    const first = i32x4.dot_i16x8_s(pair(line, starts), v128.load(weights));
    const second = i32x4.dot_i16x8_s(pair(line, starts + 8), v128.load(weights, 16));
    store4(target + x, samples4(sumPairs(first, second)), width - x);
    starts += 16;
    weights += 32;
  }
}

/** The weighted columns from `from` on, in four sums that belong together. */
function partSums(from: usize, weights: usize, taps: i32): v128 {
  let sums = i32x4.splat(0);
  for (let tap = 0; tap < taps; tap += 8) {
    sums = i32x4.add(sums, i32x4.dot_i16x8_s(v128.load(from + 2 * tap), v128.load(weights + 2 * tap)));
  }
  return sums;
}

function addColumns(target: usize, width: i32, line: usize, starts: usize, weights: usize, taps: i32): void {
  const step = (<usize>taps) << 1;
  for (let x = 0; x < width; x += 4) {
    const a = partSums(line + load<u32>(starts), weights, taps);
    const b = partSums(line + load<u32>(starts, 4), weights + step, taps);
    const c = partSums(line + load<u32>(starts, 8), weights + 2 * step, taps);
    const d = partSums(line + load<u32>(starts, 12), weights + 3 * step, taps);
    store4(target + x, samples4(sumLanes(a, b, c, d)), width - x);
    starts += 16;
    weights += 4 * step;
  }
}

/**
 * `lineWidth` columns of the source from `source` on are needed.
 *
 * Rows: for each of the `height` rows of the result, `rowStarts` has the first row of the source (u32), and `rowWeights` the
 * weights of `rowTaps` rows (u16), which add up to 256.
 * Columns: for each of the `width` columns, and up to a multiple of four, `columnStarts` has the first column of the source times two
 * (u32), and `columnWeights` the weights of `columnTaps` columns (i16), which add up to 16384. `columnTaps` is 4, or a multiple of 8.
 * `line` is room for `lineWidth + columnTaps` times two bytes.
 */
export function scalePlane(
  target: usize,
  targetStride: usize,
  width: i32,
  height: i32,
  source: usize,
  sourceStride: usize,
  lineWidth: i32,
  rowStarts: usize,
  rowWeights: usize,
  rowTaps: i32,
  columnStarts: usize,
  columnWeights: usize,
  columnTaps: i32,
  line: usize,
): void {
  for (let y = 0; y < height; y++) {
    const from = source + <usize>load<u32>(rowStarts + 4 * y) * sourceStride;
    addRows(line, from, sourceStride, lineWidth, rowWeights + 2 * y * rowTaps, rowTaps);
    if (columnTaps === 4) addFourColumns(target, width, line, columnStarts, columnWeights);
    else addColumns(target, width, line, columnStarts, columnWeights, columnTaps);
    target += targetStride;
  }
}
