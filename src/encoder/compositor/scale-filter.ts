/** One direction in which a plane is scaled. */
export interface Axis {
  /** Samples of the source. */
  readonly from: number;
  /** Samples that all of the source is scaled to. */
  readonly to: number;
  /** The first sample of the result that is wanted. */
  readonly first: number;
  /** How many samples of the result are wanted. */
  readonly count: number;
  /**
   * Where in its cell a sample lies: 0.5 in the middle, as luma does; 0.25 for the columns of chroma, which lie above luma's left
   * one of two.
   */
  readonly phase: number;
}

/** Which samples of the source make up those of the result: for each of these the first one, and equally many weights. */
export interface Filter {
  readonly taps: number;
  readonly starts: readonly number[];
  /** `taps` whole numbers for each of the starts. */
  readonly weights: readonly number[];
}

/**
 * A triangle over each sample of the result: bilinear where the result is larger; where it is smaller as wide as two samples of the
 * result, so that every sample of the source counts.
 *
 * @param sum What the weights of each sample add up to.
 */
export function triangleFilter({ from, to, first, count, phase }: Axis, sum: number): Filter {
  const ratio = from / to;
  const radius = Math.max(1, ratio);
  const inside = (sample: number) => Math.min(Math.max(sample, 0), from - 1);
  const spans = Array.from({ length: count }, (_, index) => {
    const centre = (first + index + phase) * ratio - phase;
    const [start, end] = [Math.floor(centre - radius) + 1, Math.ceil(centre + radius) - 1];
    return { centre, start, end };
  });
  const taps = Math.max(...spans.map(({ start, end }) => inside(end) - inside(start) + 1));
  const starts = spans.map(({ start }) => Math.min(inside(start), from - taps));
  const weights = spans.flatMap(({ centre, start, end }, index) => {
    const shares = Array<number>(taps).fill(0);
    for (let sample = start; sample <= end; sample++) {
      // Beyond the edge it continues as it is on the edge.
      const tap = inside(sample) - (starts[index] ?? 0);
      shares[tap] = (shares[tap] ?? 0) + radius - Math.abs(sample - centre);
    }
    return wholeNumbers(shares, sum);
  });
  return { taps, starts, weights };
}

/** In the proportions of the shares, with this very sum: each number takes over what the one before it lost in rounding. */
function wholeNumbers(shares: readonly number[], sum: number): number[] {
  const total = shares.reduce((all, share) => all + share, 0);
  let shared = 0;
  let given = 0;
  return shares.map((share) => {
    shared += share;
    const number = Math.round((shared / total) * sum) - given;
    given += number;
    return number;
  });
}
