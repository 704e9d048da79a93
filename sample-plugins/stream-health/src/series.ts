/** The values measured during one interval. */
export interface Bucket {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
}

const FIRST_WIDTH_MS = 1000;

/**
 * A value over time in bounded memory: a fixed number of buckets, which double in width whenever the time exceeds
 * them. Minimum, maximum and mean stay exact.
 */
export class Series {
  private buckets: (Bucket | undefined)[] = [];
  private width = FIRST_WIDTH_MS;
  private all: Bucket | undefined;

  constructor(private readonly capacity = 720) {}

  /** Duration of a bucket, ms. */
  get widthMs(): number {
    return this.width;
  }

  /** Of all values; undefined if there are none. */
  get total(): Bucket | undefined {
    return this.all;
  }

  /** @param atMs since the broadcast's start; negative values count as 0. */
  add(atMs: number, value: number): void {
    const time = Math.max(0, atMs);
    while (time >= this.width * this.capacity) this.widen();
    const index = Math.floor(time / this.width);
    const sample = { min: value, max: value, sum: value, count: 1 };
    this.buckets[index] = merged(this.buckets[index], sample);
    this.all = merged(this.all, sample);
  }

  /** Buckets with values, oldest first, each with the middle of its interval, ms since the broadcast's start. */
  *points(): Generator<Bucket & { readonly atMs: number }> {
    for (const [index, bucket] of this.buckets.entries()) {
      if (bucket !== undefined) yield { ...bucket, atMs: (index + 0.5) * this.width };
    }
  }

  private widen(): void {
    const { buckets } = this;
    this.width *= 2;
    this.buckets = Array.from({ length: Math.ceil(buckets.length / 2) }, (_, i) =>
      merged(buckets[2 * i], buckets[2 * i + 1]),
    );
  }
}

function merged(a: Bucket | undefined, b: Bucket): Bucket;
function merged(a: Bucket | undefined, b: Bucket | undefined): Bucket | undefined;
function merged(a: Bucket | undefined, b: Bucket | undefined): Bucket | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sum: a.sum + b.sum,
    count: a.count + b.count,
  };
}
