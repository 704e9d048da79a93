import type { Rectangle } from '../../base/geometry.js';

/** How much of each pixel of a square lies in a circle around its bottom right corner, 0 to 255, row by row. */
export interface Corner {
  /** Of the square and of the circle, pixels. */
  readonly radius: number;
  readonly coverage: Uint8Array;
}

export function cornerOf(radius: number): Corner {
  const coverage = Uint8Array.from({ length: radius * radius }, (_, at) => {
    const [x, y] = [radius - 0.5 - (at % radius), radius - 0.5 - Math.floor(at / radius)];
    return Math.round(255 * Math.min(1, Math.max(0, radius - Math.hypot(x, y) + 0.5)));
  });
  return { radius, coverage };
}

/** The radius of a shape's corners: whole pixels, half of its smaller side at most. */
export function radiusIn({ width, height }: Rectangle, radius: number): number {
  return Math.round(Math.min(radius, width / 2, height / 2));
}

/**
 * Makes the corners of a shape transparent in a plane of alpha.
 *
 * @param alpha of the part that is seen, row by row
 * @param seen that part
 * @param shape whose corners are rounded; what of it is not seen is left out
 */
export function roundCorners(
  alpha: Uint8Array,
  seen: Rectangle,
  shape: Rectangle,
  { radius, coverage }: Corner,
): void {
  const columns = places(shape.x - seen.x, shape.width, seen.width, radius);
  const rows = places(shape.y - seen.y, shape.height, seen.height, radius);
  for (const [y, rowsAt] of rows.entries()) {
    for (const row of rowsAt) {
      const line = row * seen.width;
      for (const [x, columnsAt] of columns.entries()) {
        const share = coverage[y * radius + x] as number;
        // Further in, all of it is.
        if (share === 255) break;
        for (const column of columnsAt) {
          const at = line + column;
          alpha[at] = ((alpha[at] as number) * share + 127) / 255;
        }
      }
    }
  }
}

/** By their distance from a shape's sides: the places, one from either side, that lie in what is seen. */
function places(begin: number, length: number, seen: number, most: number): readonly (readonly number[])[] {
  return Array.from({ length: most }, (_, distance) =>
    [begin + distance, begin + length - 1 - distance].filter((place) => place >= 0 && place < seen),
  );
}
