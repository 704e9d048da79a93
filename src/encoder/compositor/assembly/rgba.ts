import { pack4, sumLanes, sumPairs } from './lanes';

// BT.709 with the limited range, weights times 2^15. Those of chroma add up to zero, so that grey has none.
const LUMA_RED = 5983;
const LUMA_GREEN = 20127;
const LUMA_BLUE = 2032;
const U_RED = -3298;
const U_GREEN = -11094;
const U_BLUE = 14392;
const V_RED = 14392;
const V_GREEN = -13073;
const V_BLUE = -1319;

/** 16, and a half for rounding. */
const LUMA_OFFSET = (16 << 15) + (1 << 14);
/** 128 and a half, for sums of four pixels. */
const CHROMA_OFFSET = (128 << 17) + (1 << 16);
/** Where four pixels have their alpha. */
const ALPHA = 0xff00_0000;
/** Chroma of a colour that is not seen, four times. */
const NO_COLOUR = 0x8080_8080;

function luma(pixel: u32): u32 {
  const sum =
    (pixel & 255) * LUMA_RED + ((pixel >> 8) & 255) * LUMA_GREEN + ((pixel >> 16) & 255) * LUMA_BLUE;
  return (sum + LUMA_OFFSET) >> 15;
}

/** For two pixels; alpha has none. */
function weights(red: i32, green: i32, blue: i32): v128 {
  return i64x2.splat((red & 0xffff) | ((<i64>green & 0xffff) << 16) | ((<i64>blue & 0xffff) << 32));
}

function convertRow(rgba: usize, lumaRow: usize, alphaRow: usize, width: i32): void {
  const lumaWeights = weights(LUMA_RED, LUMA_GREEN, LUMA_BLUE);
  const offset = i32x4.splat(LUMA_OFFSET);
  let x = 0;
  for (; x + 4 <= width; x += 4) {
    const pixels = v128.load(rgba + 4 * x);
    const sums = sumPairs(
      i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(pixels), lumaWeights),
      i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(pixels), lumaWeights),
    );
    store<u32>(lumaRow + x, pack4(i32x4.shr_s(i32x4.add(sums, offset), 15)));
    store<u32>(alphaRow + x, pack4(i32x4.shr_u(pixels, 24)));
  }
  for (; x < width; x++) {
    const pixel = load<u32>(rgba + 4 * x);
    store<u8>(lumaRow + x, luma(pixel));
    store<u8>(alphaRow + x, pixel >> 24);
  }
}

/** The sum of one colour of four pixels, or, where they are not all opaque, four times its mean weighted by alpha. */
function colour4(a: u32, b: u32, c: u32, d: u32, shift: u32, alphas: u32): i32 {
  const ca = (a >> shift) & 255;
  const cb = (b >> shift) & 255;
  const cc = (c >> shift) & 255;
  const cd = (d >> shift) & 255;
  if (alphas === 1020) return ca + cb + cc + cd;
  const sum = ca * (a >> 24) + cb * (b >> 24) + cc * (c >> 24) + cd * (d >> 24);
  return (4 * sum + (alphas >> 1)) / alphas;
}

function chroma(red: i32, green: i32, blue: i32, redWeight: i32, greenWeight: i32, blueWeight: i32): i32 {
  const sum = red * redWeight + green * greenWeight + blue * blueWeight;
  return (sum + CHROMA_OFFSET) >> 17;
}

/** One sample of each, of two by two pixels. */
function convertFour(rgba: usize, below: usize, u: usize, v: usize): void {
  const a = load<u32>(rgba);
  const b = load<u32>(rgba, 4);
  const c = load<u32>(below);
  const d = load<u32>(below, 4);
  const alphas = (a >> 24) + (b >> 24) + (c >> 24) + (d >> 24);
  let red = 0;
  let green = 0;
  let blue = 0;
  if (alphas !== 0) {
    red = colour4(a, b, c, d, 0, alphas);
    green = colour4(a, b, c, d, 8, alphas);
    blue = colour4(a, b, c, d, 16, alphas);
  }
  store<u8>(u, chroma(red, green, blue, U_RED, U_GREEN, U_BLUE));
  store<u8>(v, chroma(red, green, blue, V_RED, V_GREEN, V_BLUE));
}

/** Four samples of chroma, of opaque pixels: the sums of two by two of them are given in halves. */
function chroma4(a: v128, b: v128, c: v128, d: v128, weights: v128): u32 {
  const sums = sumLanes(
    i32x4.dot_i16x8_s(a, weights),
    i32x4.dot_i16x8_s(b, weights),
    i32x4.dot_i16x8_s(c, weights),
    i32x4.dot_i16x8_s(d, weights),
  );
  return pack4(i32x4.shr_s(i32x4.add(sums, i32x4.splat(CHROMA_OFFSET)), 17));
}

function sumLow(upper: v128, lower: v128): v128 {
  return i16x8.add(i16x8.extend_low_i8x16_u(upper), i16x8.extend_low_i8x16_u(lower));
}

function sumHigh(upper: v128, lower: v128): v128 {
  return i16x8.add(i16x8.extend_high_i8x16_u(upper), i16x8.extend_high_i8x16_u(lower));
}

function convertChroma(rgba: usize, below: usize, u: usize, v: usize, width: i32): void {
  const uWeights = weights(U_RED, U_GREEN, U_BLUE);
  const vWeights = weights(V_RED, V_GREEN, V_BLUE);
  const alphas = i32x4.splat(ALPHA);
  let x = 0;
  for (; x + 8 <= width; x += 8) {
    const upper0 = v128.load(rgba + 4 * x);
    const upper1 = v128.load(rgba + 4 * x, 16);
    const lower0 = v128.load(below + 4 * x);
    const lower1 = v128.load(below + 4 * x, 16);
    const to = x >> 1;
    if (!v128.any_true(v128.and(v128.or(v128.or(upper0, upper1), v128.or(lower0, lower1)), alphas))) {
      store<u32>(u + to, NO_COLOUR);
      store<u32>(v + to, NO_COLOUR);
      continue;
    }
    const all = v128.and(v128.and(upper0, upper1), v128.and(lower0, lower1));
    if (v128.any_true(v128.andnot(alphas, all))) {
      for (let pixel = x; pixel < x + 8; pixel += 2) {
        convertFour(rgba + 4 * pixel, below + 4 * pixel, u + (pixel >> 1), v + (pixel >> 1));
      }
      continue;
    }
    const a = sumLow(upper0, lower0);
    const b = sumHigh(upper0, lower0);
    const c = sumLow(upper1, lower1);
    const d = sumHigh(upper1, lower1);
    store<u32>(u + to, chroma4(a, b, c, d, uWeights));
    store<u32>(v + to, chroma4(a, b, c, d, vWeights));
  }
  for (; x < width; x += 2) convertFour(rgba + 4 * x, below + 4 * x, u + (x >> 1), v + (x >> 1));
}

/** RGBA with straight alpha to YUVA 4:2:0. Width and height are even. The colour of a pixel counts for chroma as much as it is seen. */
export function rgbaToYuva(
  rgba: usize,
  rgbaStride: usize,
  y: usize,
  u: usize,
  v: usize,
  alpha: usize,
  lumaStride: usize,
  chromaStride: usize,
  width: i32,
  height: i32,
): void {
  for (let row = 0; row < height; row += 2) {
    const below = rgba + rgbaStride;
    convertRow(rgba, y, alpha, width);
    convertRow(below, y + lumaStride, alpha + lumaStride, width);
    convertChroma(rgba, below, u, v, width);
    rgba += 2 * rgbaStride;
    y += 2 * lumaStride;
    alpha += 2 * lumaStride;
    u += chromaStride;
    v += chromaStride;
  }
}
