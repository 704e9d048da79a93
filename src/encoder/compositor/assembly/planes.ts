// Addresses are bytes in the memory, strides bytes from one row to the next, widths and heights samples of that plane.

/** (low × (256 − weight) + high × weight) / 256, rounded, of 16 bytes. */
function mix16(low: v128, high: v128, weight: v128, rest: v128): v128 {
  const half = i16x8.splat(128);
  const first = i16x8.add(
    i16x8.mul(i16x8.extend_low_i8x16_u(low), rest),
    i16x8.mul(i16x8.extend_low_i8x16_u(high), weight),
  );
  const second = i16x8.add(
    i16x8.mul(i16x8.extend_high_i8x16_u(low), rest),
    i16x8.mul(i16x8.extend_high_i8x16_u(high), weight),
  );
  return i8x16.narrow_i16x8_u(
    i16x8.shr_u(i16x8.add(first, half), 8),
    i16x8.shr_u(i16x8.add(second, half), 8),
  );
}

/** 16 bytes of alpha times the opacity, 0 to 256. */
function faded16(alpha: v128, opacity: v128): v128 {
  return mix16(i16x8.splat(0), alpha, opacity, opacity);
}

function faded(alpha: u32, opacity: u32): u32 {
  return (alpha * opacity + 128) >> 8;
}

/** Alpha in 15 bits, so that 255 is as good as 1: the first eight of 16 bytes. */
function lowShares(alpha: v128): v128 {
  const twice = v128.shuffle<u8>(alpha, alpha, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return i16x8.shr_u(twice, 1);
}

function highShares(alpha: v128): v128 {
  const twice = v128.shuffle<u8>(alpha, alpha, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  return i16x8.shr_u(twice, 1);
}

/** Blends 16 bytes over those at `target`: under + (source − under) × share. */
function blend16(target: usize, source: v128, alpha: v128): void {
  const low = v128.extract_lane<u64>(alpha, 0);
  const high = v128.extract_lane<u64>(alpha, 1);
  if ((low | high) === 0) return;
  if ((low & high) === u64.MAX_VALUE) {
    v128.store(target, source);
    return;
  }
  const under = v128.load(target);
  const firstUnder = i16x8.extend_low_i8x16_u(under);
  const secondUnder = i16x8.extend_high_i8x16_u(under);
  const first = i16x8.sub(i16x8.extend_low_i8x16_u(source), firstUnder);
  const second = i16x8.sub(i16x8.extend_high_i8x16_u(source), secondUnder);
  v128.store(
    target,
    i8x16.narrow_i16x8_u(
      i16x8.add(firstUnder, i16x8.q15mulr_sat_s(first, lowShares(alpha))),
      i16x8.add(secondUnder, i16x8.q15mulr_sat_s(second, highShares(alpha))),
    ),
  );
}

function blend(target: usize, source: i32, alpha: i32): void {
  const under = <i32>load<u8>(target);
  store<u8>(target, under + (((source - under) * ((alpha * 257) >> 1) + (1 << 14)) >> 15));
}

/** The mean of each two by two bytes of alpha: 32 bytes of two rows. */
function mean16(upper: usize, lower: usize): v128 {
  const two = i16x8.splat(2);
  const first = i16x8.add(
    i16x8.extadd_pairwise_i8x16_u(v128.load(upper)),
    i16x8.extadd_pairwise_i8x16_u(v128.load(lower)),
  );
  const second = i16x8.add(
    i16x8.extadd_pairwise_i8x16_u(v128.load(upper, 16)),
    i16x8.extadd_pairwise_i8x16_u(v128.load(lower, 16)),
  );
  return i8x16.narrow_i16x8_u(i16x8.shr_u(i16x8.add(first, two), 2), i16x8.shr_u(i16x8.add(second, two), 2));
}

function mean(upper: usize, lower: usize): u32 {
  return (<u32>load<u8>(upper) + load<u8>(upper, 1) + load<u8>(lower) + load<u8>(lower, 1) + 2) >> 2;
}

export function fillPlane(target: usize, targetStride: usize, width: i32, height: i32, sample: i32): void {
  for (let y = 0; y < height; y++) {
    memory.fill(target, <u8>sample, width);
    target += targetStride;
  }
}

export function copyPlane(
  target: usize,
  targetStride: usize,
  source: usize,
  sourceStride: usize,
  width: i32,
  height: i32,
): void {
  for (let y = 0; y < height; y++) {
    memory.copy(target, source, width);
    target += targetStride;
    source += sourceStride;
  }
}

/** target = low × (256 − weight) + high × weight, over 256. The target may be one of the two. */
export function mixPlane(
  target: usize,
  targetStride: usize,
  low: usize,
  lowStride: usize,
  high: usize,
  highStride: usize,
  width: i32,
  height: i32,
  weight: i32,
): void {
  const weights = i16x8.splat(<i16>weight);
  const rests = i16x8.splat(<i16>(256 - weight));
  for (let y = 0; y < height; y++) {
    let x = 0;
    // Two at once are faster by a tenth.
    for (; x + 32 <= width; x += 32) {
      v128.store(target + x, mix16(v128.load(low + x), v128.load(high + x), weights, rests));
      v128.store(target + x, mix16(v128.load(low + x, 16), v128.load(high + x, 16), weights, rests), 16);
    }
    for (; x < width; x++) {
      const sum = <u32>load<u8>(low + x) * (256 - weight) + <u32>load<u8>(high + x) * weight;
      store<u8>(target + x, (sum + 128) >> 8);
    }
    target += targetStride;
    low += lowStride;
    high += highStride;
  }
}

/** Of luma in the limited range, what a mask lets through: 16 is nothing, 235 all. */
function lit(luma: u32): u32 {
  return luma <= 16 ? 0 : min<u32>(255, ((luma - 16) * 298 + 128) >> 8);
}

function lit16(luma: v128): v128 {
  // What is brighter than white would not fit into 16 bits.
  const above = i8x16.min_u(i8x16.sub_sat_u(luma, i8x16.splat(16)), i8x16.splat(<i8>219));
  const half = i16x8.splat(128);
  const factor = i16x8.splat(298);
  const first = i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(above), factor), half);
  const second = i16x8.add(i16x8.mul(i16x8.extend_high_i8x16_u(above), factor), half);
  return i8x16.narrow_i16x8_u(i16x8.shr_u(first, 8), i16x8.shr_u(second, 8));
}

/** The product of two shares of 255, rounded. */
function product(a: u32, b: u32): u32 {
  const sum = a * b + 128;
  return (sum + (sum >> 8)) >> 8;
}

function product8(a: v128, b: v128): v128 {
  const sum = i16x8.add(i16x8.mul(a, b), i16x8.splat(128));
  return i16x8.shr_u(i16x8.add(sum, i16x8.shr_u(sum, 8)), 8);
}

/** Multiplies alpha by a mask, which is alpha itself or luma in the limited range. */
export function maskPlane(
  alpha: usize,
  alphaStride: usize,
  mask: usize,
  maskStride: usize,
  width: i32,
  height: i32,
  isLuma: i32,
  isInverted: i32,
): void {
  const turned: u32 = isInverted ? 255 : 0;
  const turned16 = i8x16.splat(<i8>turned);
  for (let y = 0; y < height; y++) {
    let x = 0;
    for (; x + 16 <= width; x += 16) {
      let shares = v128.load(mask + x);
      if (isLuma) shares = lit16(shares);
      shares = v128.xor(shares, turned16);
      const old = v128.load(alpha + x);
      const first = product8(i16x8.extend_low_i8x16_u(old), i16x8.extend_low_i8x16_u(shares));
      const second = product8(i16x8.extend_high_i8x16_u(old), i16x8.extend_high_i8x16_u(shares));
      v128.store(alpha + x, i8x16.narrow_i16x8_u(first, second));
    }
    for (; x < width; x++) {
      const share: u32 = isLuma ? lit(load<u8>(mask + x)) : load<u8>(mask + x);
      store<u8>(alpha + x, product(load<u8>(alpha + x), share ^ turned));
    }
    alpha += alphaStride;
    mask += maskStride;
  }
}

/** Blends the source over the target: alpha has a byte for each sample, 255 is opaque. Opacity 0 to 256 applies to all. */
export function blendPlane(
  target: usize,
  targetStride: usize,
  source: usize,
  sourceStride: usize,
  alpha: usize,
  alphaStride: usize,
  width: i32,
  height: i32,
  opacity: i32,
): void {
  const opacities = i16x8.splat(<i16>opacity);
  for (let y = 0; y < height; y++) {
    let x = 0;
    for (; x + 16 <= width; x += 16) {
      let alphas = v128.load(alpha + x);
      if (opacity !== 256) alphas = faded16(alphas, opacities);
      blend16(target + x, v128.load(source + x), alphas);
    }
    for (; x < width; x++) {
      blend(target + x, load<u8>(source + x), faded(load<u8>(alpha + x), opacity));
    }
    target += targetStride;
    source += sourceStride;
    alpha += alphaStride;
  }
}

/** The same for both planes of chroma, which have half the width and height of their alpha. */
export function blendChroma(
  targetU: usize,
  targetV: usize,
  targetStride: usize,
  sourceU: usize,
  sourceV: usize,
  sourceStride: usize,
  alpha: usize,
  alphaStride: usize,
  width: i32,
  height: i32,
  opacity: i32,
): void {
  const opacities = i16x8.splat(<i16>opacity);
  for (let y = 0; y < height; y++) {
    const below = alpha + alphaStride;
    let x = 0;
    for (; x + 16 <= width; x += 16) {
      let alphas = mean16(alpha + 2 * x, below + 2 * x);
      if (opacity !== 256) alphas = faded16(alphas, opacities);
      blend16(targetU + x, v128.load(sourceU + x), alphas);
      blend16(targetV + x, v128.load(sourceV + x), alphas);
    }
    for (; x < width; x++) {
      const seen = faded(mean(alpha + 2 * x, below + 2 * x), opacity);
      blend(targetU + x, load<u8>(sourceU + x), seen);
      blend(targetV + x, load<u8>(sourceV + x), seen);
    }
    targetU += targetStride;
    targetV += targetStride;
    sourceU += sourceStride;
    sourceV += sourceStride;
    alpha += 2 * alphaStride;
  }
}
