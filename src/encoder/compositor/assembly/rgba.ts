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

function luma(pixel: u32): u32 {
  const sum =
    (pixel & 255) * LUMA_RED + ((pixel >> 8) & 255) * LUMA_GREEN + ((pixel >> 16) & 255) * LUMA_BLUE;
  return (sum + (16 << 15) + (1 << 14)) >> 15;
}

function convertRow(rgba: usize, lumaRow: usize, alphaRow: usize, width: i32): void {
  const weights = i64x2.splat(LUMA_RED | (LUMA_GREEN << 16) | ((<i64>LUMA_BLUE) << 32));
  const offset = i32x4.splat((16 << 15) + (1 << 14));
  let x = 0;
  for (; x + 4 <= width; x += 4) {
    const pixels = v128.load(rgba + 4 * x);
    const first = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(pixels), weights);
    const second = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(pixels), weights);
    const sums = i32x4.add(
      v128.shuffle<i32>(first, second, 0, 2, 4, 6),
      v128.shuffle<i32>(first, second, 1, 3, 5, 7),
    );
    const words = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(sums, offset), 15), sums);
    store<u32>(lumaRow + x, i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0));
    const alphas = v128.shuffle<u8>(pixels, pixels, 3, 7, 11, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    store<u32>(alphaRow + x, i32x4.extract_lane(alphas, 0));
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
  return (sum + (128 << 17) + (1 << 16)) >> 17;
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
    for (let x = 0; x < width; x += 2) {
      const a = load<u32>(rgba + 4 * x);
      const b = load<u32>(rgba + 4 * x, 4);
      const c = load<u32>(below + 4 * x);
      const d = load<u32>(below + 4 * x, 4);
      const alphas = (a >> 24) + (b >> 24) + (c >> 24) + (d >> 24);
      let red = 0;
      let green = 0;
      let blue = 0;
      if (alphas !== 0) {
        red = colour4(a, b, c, d, 0, alphas);
        green = colour4(a, b, c, d, 8, alphas);
        blue = colour4(a, b, c, d, 16, alphas);
      }
      store<u8>(u + (x >> 1), chroma(red, green, blue, U_RED, U_GREEN, U_BLUE));
      store<u8>(v + (x >> 1), chroma(red, green, blue, V_RED, V_GREEN, V_BLUE));
    }
    rgba += 2 * rgbaStride;
    y += 2 * lumaStride;
    alpha += 2 * lumaStride;
    u += chromaStride;
    v += chromaStride;
  }
}
