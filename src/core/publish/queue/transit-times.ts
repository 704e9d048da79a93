import { createHistogram } from 'node:perf_hooks';

const MOST = 4096;

/** How long tags stayed in the core, ms; the latest 4096 if they are not taken. */
export class TransitTimes {
  private times: number[] = [];
  private next = 0;

  add(ms: number): void {
    if (this.times.length < MOST) this.times.push(ms);
    else this.times[this.next] = ms;
    this.next = (this.next + 1) % MOST;
  }

  /** Returns all of them, each once. */
  take(): number[] {
    const taken = this.times;
    this.times = [];
    this.next = 0;
    return taken;
  }
}

/** Distribution of tags' times in the core, from read to socket write. */
export class TransitHistogram {
  private readonly histogram = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });

  /** @param times ms */
  record(times: readonly number[]): void {
    for (const ms of times) this.histogram.record(Math.max(1, Math.round(ms * 1000)));
  }

  /** ms; 0 if nothing has been recorded. */
  get p99Ms(): number {
    return this.histogram.count === 0 ? 0 : this.histogram.percentile(99) / 1000;
  }
}
