import { createHistogram } from 'node:perf_hooks';

/** How long tags spend in the core, read to socket write. */
export class TransitHistogram {
  private readonly histogram = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });

  /** @param times ms */
  record(times: readonly number[]): void {
    for (const ms of times) this.histogram.record(Math.max(1, Math.round(ms * 1000)));
  }

  /** ms; 0 while nothing has been recorded. */
  get p99Ms(): number {
    return this.histogram.count === 0 ? 0 : this.histogram.percentile(99) / 1000;
  }
}
