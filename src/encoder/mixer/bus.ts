import { Limiter } from './limiter.js';
import { FULL_SCALE, type SoundFormat } from './strip.js';

const [LEAST, MOST] = [-32_768, 32_767];

/** What each channel is multiplied with, at the beginning and at the end of a slot. */
interface Shares {
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** How much of one sound goes to a bus. It changes evenly within a slot, so that it does not click. */
export class Fader {
  private shares: Shares;

  constructor(channels: number) {
    this.shares = { from: new Float64Array(channels), to: new Float64Array(channels) };
  }

  /**
   * From what it was at the end of the slot before.
   *
   * @param share of the whole at the end of this slot, 0 to 1
   * @param pan -1 is left alone, 1 right alone
   */
  fade(share: number, pan: number): Shares {
    const { from: next, to: from } = this.shares;
    if (next.length === 2) {
      next[0] = share * Math.min(1, 1 - pan);
      next[1] = share * Math.min(1, 1 + pan);
    } else next.fill(share);
    this.shares = { from, to: next };
    return this.shares;
  }

  /** Whether all of it was heard in the last slot. */
  get isOpen(): boolean {
    return isAll(this.shares.from, 1) && isAll(this.shares.to, 1);
  }
}

/** The sum of several sounds, slot by slot, no louder than it may be. */
export class Bus {
  private readonly limiter: Limiter;
  private sum = new Float32Array(0);
  private count = 0;

  constructor(ceilingDb: number, { sampleRate, channels }: SoundFormat) {
    this.limiter = new Limiter(ceilingDb, sampleRate, channels);
  }

  set(ceilingDb: number): void {
    this.limiter.set(ceilingDb);
  }

  /** @param length samples of the slot */
  begin(length: number): void {
    if (this.sum.length !== length) this.sum = new Float32Array(length);
    this.sum.fill(0);
    this.count = 0;
  }

  add(sound: Float32Array, { from, to }: Shares): void {
    if (isAll(from, 0) && isAll(to, 0)) return;
    this.count += 1;
    addTo(this.sum, sound, from, to);
  }

  /** What was added in this slot; valid until the next one. */
  end(): Float32Array {
    this.limiter.process(this.sum);
    return this.sum;
  }

  /** Whether this slot's sum is its only sound as that was. */
  get isUntouched(): boolean {
    return this.count === 1 && this.limiter.isIdle;
  }
}

/** 16 bits, interleaved. */
export function toPcm(sound: Float32Array): Buffer {
  const samples = new Int16Array(sound.length);
  for (let at = 0; at < sound.length; at++) {
    const value = Math.round((sound[at] as number) * FULL_SCALE);
    samples[at] = value > MOST ? MOST : value < LEAST ? LEAST : value;
  }
  return Buffer.from(samples.buffer);
}

function isAll(shares: Float64Array, share: number): boolean {
  return shares.every((one) => one === share);
}

/** Adds a sound whose channels change evenly from one share to another. */
function addTo(sum: Float32Array, sound: Float32Array, from: Float64Array, to: Float64Array): void {
  const channels = from.length;
  for (let channel = 0; channel < channels; channel++) {
    const first = from[channel] as number;
    const slope = ((to[channel] as number) - first) / sum.length;
    if (slope === 0 && first === 0) continue;
    for (let at = channel; at < sum.length; at += channels)
      sum[at] = (sum[at] as number) + (sound[at] as number) * (first + slope * (at - channel));
  }
}
