import { amplitude } from './decibels.js';
import { towards } from './dynamics.js';

/** How fast it gets quieter before a peak, ms, as far as the peak is known before. */
const ATTACK_MS = 2;
/** How fast it gets louder again, ms. */
const RELEASE_MS = 80;
/** Samples for which one gain is computed. */
const STEP = 16;

/** Makes a mix quieter for as long as it is louder than it may be, without a delay. */
export class Limiter {
  private gain = 1;
  private idle = true;
  private ceiling: number;

  /** @param sampleRate Hz */
  constructor(
    ceilingDb: number,
    private readonly sampleRate: number,
    private readonly channels: number,
  ) {
    this.ceiling = amplitude(ceilingDb);
  }

  /** Whether it has left the last sounds as they were. */
  get isIdle(): boolean {
    return this.idle;
  }

  set(ceilingDb: number): void {
    this.ceiling = amplitude(ceilingDb);
  }

  /** In place; nothing is louder than the ceiling then. */
  process(samples: Float32Array): void {
    const { channels, ceiling } = this;
    const step = STEP * channels;
    const steps = Math.ceil(samples.length / step);
    this.idle = this.gain === 1 && peakOf(samples, 0, samples.length) <= ceiling;
    if (this.idle) return;
    const peaks = Float64Array.from({ length: steps }, (_, index) =>
      peakOf(samples, index * step, Math.min((index + 1) * step, samples.length)),
    );
    const gains = this.gainsFor(peaks);
    let from = this.gain;
    for (let index = 0; index < steps; index++) {
      const begin = index * step;
      const end = Math.min(begin + step, samples.length);
      const to = gains[index] as number;
      // Of what is loud from the slot's first sample on, nothing was known before.
      const first = Math.min(from, (peaks[index] as number) * from > ceiling ? to : from);
      const slope = (to - first) / (end - begin);
      for (let at = begin; at < end; at++)
        samples[at] = (samples[at] as number) * (first + slope * (at - begin));
      from = to;
    }
    this.gain = from;
  }

  /** The gain at the end of each step: as high as its peak, and those that follow, allow. */
  private gainsFor(peaks: Float64Array): Float64Array {
    const { ceiling } = this;
    const most = peaks.map((peak) => (peak > ceiling ? ceiling / peak : 1));
    // At its end as well as the next one begins with.
    const allowed = most.map((gain, index) => Math.min(gain, most[index + 1] ?? 1));
    const slope = STEP / ((ATTACK_MS * this.sampleRate) / 1000);
    for (let index = allowed.length - 2; index >= 0; index--)
      allowed[index] = Math.min(allowed[index] as number, (allowed[index + 1] as number) + slope);
    let gain = this.gain;
    return allowed.map((limit) => {
      gain = Math.min(limit, towards(gain, 1, RELEASE_MS, STEP, this.sampleRate));
      return gain;
    });
  }
}

function peakOf(samples: Float32Array, begin: number, end: number): number {
  let peak = 0;
  for (let at = begin; at < end; at++) {
    const value = Math.abs(samples[at] as number);
    if (value > peak) peak = value;
  }
  return peak;
}
