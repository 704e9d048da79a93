/** Of samples: a block of them is in the cache in both directions. */
const BLOCK = 16;

/**
 * Turns a plane clockwise.
 *
 * @param quarters 1 to 3
 * @param width of the source, as its height; the target's are the other way round but for two quarters
 */
export function turnPlane(
  target: usize,
  targetStride: usize,
  source: usize,
  sourceStride: usize,
  width: i32,
  height: i32,
  quarters: i32,
): void {
  // Where the first sample of the source goes, and how far from one to the next.
  let first = target;
  let right: isize = 0;
  let down: isize = 0;
  if (quarters === 1) {
    first += height - 1;
    right = targetStride;
    down = -1;
  } else if (quarters === 2) {
    first += (height - 1) * targetStride + (width - 1);
    right = -1;
    down = -(<isize>targetStride);
  } else {
    first += (width - 1) * targetStride;
    right = -(<isize>targetStride);
    down = 1;
  }
  for (let top = 0; top < height; top += BLOCK) {
    const bottom = min(top + BLOCK, height);
    for (let left = 0; left < width; left += BLOCK) {
      const end = min(left + BLOCK, width);
      for (let y = top; y < bottom; y++) {
        let from = source + y * sourceStride + left;
        let to = first + y * down + left * right;
        for (let x = left; x < end; x++) {
          store<u8>(to, load<u8>(from));
          from += 1;
          to += right;
        }
      }
    }
  }
}
