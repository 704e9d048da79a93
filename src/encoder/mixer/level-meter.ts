import type { SoundLevels } from '../../protocol/audio.js';
import { type Biquad, settled } from './biquad.js';
import { decibels } from './decibels.js';

/** Levels are of so many parts of a second. */
const BLOCKS_PER_SECOND = 20;
/** Short-term loudness is that of the last 3 s (EBU Tech 3341). */
const SHORT_TERM_BLOCKS = 3 * BLOCKS_PER_SECOND;
/** What is quieter is silence, dBFS and LUFS. */
const SILENT = -96;

export const SILENCE: SoundLevels = { peakDbfs: null, rmsDbfs: null, shortTermLufs: null };

type Octet = readonly [number, number, number, number, number, number, number, number];

/** Measures peak, RMS and short-term loudness of one sound, 20 times a second. */
export class LevelMeter {
  private readonly weighting: readonly [Biquad, Biquad];
  private readonly blockSamples: number;
  /** State of both filters, four numbers for each channel. */
  private readonly state: Float64Array;
  /** Mean square of the weighted sound in the last blocks, the sum of its channels. */
  private readonly powers = new Float64Array(SHORT_TERM_BLOCKS);
  private powerAt = 0;
  private readonly block = { samples: 0, peak: 0, squares: 0, weighted: 0 };
  /** Power of the loudest sample of those that were added last. */
  private highest = 0;
  private latest = SILENCE;
  private blocks = 0;

  /** @param sampleRate Hz */
  constructor(
    sampleRate: number,
    private readonly channels: number,
  ) {
    this.blockSamples = (sampleRate / BLOCKS_PER_SECOND) * channels;
    this.weighting = kWeighting(sampleRate);
    this.state = new Float64Array(4 * channels);
  }

  /** Of the last block that is complete. */
  get levels(): SoundLevels {
    return this.latest;
  }

  /** Counts the blocks. */
  get version(): number {
    return this.blocks;
  }

  /** The loudest sample of those that were added last. */
  get lastPeak(): number {
    return Math.sqrt(this.highest);
  }

  /** @param samples interleaved, -1 to 1 */
  add(samples: Float32Array): void {
    const { block, blockSamples, channels } = this;
    this.highest = 0;
    for (let begin = 0; begin < samples.length; ) {
      const end = Math.min(samples.length, begin + blockSamples - block.samples);
      if (channels === 2) this.measureStereo(samples, begin, end);
      else for (let channel = 0; channel < channels; channel++) this.measure(samples, channel, begin, end);
      block.samples += end - begin;
      begin = end;
      if (block.samples >= blockSamples) this.endBlock();
    }
  }

  /**
   * Like `measure`, with both channels in one pass: each waits for its own last sample, so that a processor computes the one during the
   * other. It is most of what a mixer costs.
   */
  private measureStereo(samples: Float32Array, begin: number, end: number): void {
    const { block, state } = this;
    const [{ b0, b1, b2, a1, a2 }, { a1: c1, a2: c2 }] = this.weighting;
    let [lz1, lz2, ly1, ly2, rz1, rz2, ry1, ry2] = state as unknown as Octet;
    let peak = 0;
    let { squares, weighted } = block;
    for (let at = begin; at < end; at += 2) {
      const left = samples[at] as number;
      const right = samples[at + 1] as number;
      const leftPower = left * left;
      const rightPower = right * right;
      squares += leftPower + rightPower;
      if (leftPower > peak) peak = leftPower;
      if (rightPower > peak) peak = rightPower;
      const ly = b0 * left + lz1;
      const ry = b0 * right + rz1;
      lz1 = b1 * left - a1 * ly + lz2;
      rz1 = b1 * right - a1 * ry + rz2;
      lz2 = b2 * left - a2 * ly;
      rz2 = b2 * right - a2 * ry;
      const leftHeard = ly + ly1;
      const rightHeard = ry + ry1;
      ly1 = ly2 - 2 * ly - c1 * leftHeard;
      ry1 = ry2 - 2 * ry - c1 * rightHeard;
      ly2 = ly - c2 * leftHeard;
      ry2 = ry - c2 * rightHeard;
      weighted += leftHeard * leftHeard + rightHeard * rightHeard;
    }
    state.set([lz1, lz2, ly1, ly2, rz1, rz2, ry1, ry2].map(settled));
    this.note(peak, squares, weighted);
  }

  private note(peak: number, squares: number, weighted: number): void {
    const { block } = this;
    if (peak > this.highest) this.highest = peak;
    if (peak > block.peak) block.peak = peak;
    block.squares = squares;
    block.weighted = weighted;
  }

  private measure(samples: Float32Array, channel: number, begin: number, end: number): void {
    const { block, channels, state } = this;
    const [{ b0, b1, b2, a1, a2 }, { a1: c1, a2: c2 }] = this.weighting;
    const at0 = 4 * channel;
    let z1 = state[at0] as number;
    let z2 = state[at0 + 1] as number;
    let y1 = state[at0 + 2] as number;
    let y2 = state[at0 + 3] as number;
    let peak = 0;
    let { squares, weighted } = block;
    for (let at = begin + channel; at < end; at += channels) {
      const x = samples[at] as number;
      const power = x * x;
      squares += power;
      if (power > peak) peak = power;
      const y = b0 * x + z1;
      z1 = b1 * x - a1 * y + z2;
      z2 = b2 * x - a2 * y;
      // The high pass: 1, -2, 1.
      const heard = y + y1;
      y1 = y2 - 2 * y - c1 * heard;
      y2 = y - c2 * heard;
      weighted += heard * heard;
    }
    state[at0] = settled(z1);
    state[at0 + 1] = settled(z2);
    state[at0 + 2] = settled(y1);
    state[at0 + 3] = settled(y2);
    this.note(peak, squares, weighted);
  }

  private endBlock(): void {
    const { samples, peak, squares, weighted } = this.block;
    Object.assign(this.block, { samples: 0, peak: 0, squares: 0, weighted: 0 });
    this.powers[this.powerAt] = (weighted * this.channels) / samples;
    this.powerAt = (this.powerAt + 1) % SHORT_TERM_BLOCKS;
    this.blocks += 1;
    let power = 0;
    for (const one of this.powers) power += one;
    this.latest = {
      peakDbfs: shown(decibels(Math.sqrt(peak))),
      rmsDbfs: shown(decibels(Math.sqrt(squares / samples))),
      shortTermLufs: shown(-0.691 + 10 * Math.log10(power / Math.min(this.blocks, SHORT_TERM_BLOCKS))),
    };
  }
}

function shown(db: number): number | null {
  return db < SILENT ? null : Math.round(db * 10) / 10;
}

/** The filters of ITU-R BS.1770-4, annex 1, for any sample rate: a high shelf for the head, and a high pass. */
function kWeighting(sampleRate: number): readonly [Biquad, Biquad] {
  const high = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
  const [gain, q] = [10 ** (3.999843853973347 / 20), 0.7071752369554196];
  const middle = gain ** 0.4996667741545416;
  const norm = 1 + high / q + high * high;
  const shelf = {
    b0: (gain + (middle * high) / q + high * high) / norm,
    b1: (2 * (high * high - gain)) / norm,
    b2: (gain - (middle * high) / q + high * high) / norm,
    a1: (2 * (high * high - 1)) / norm,
    a2: (1 - high / q + high * high) / norm,
  };
  const low = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
  const lowQ = 0.5003270373238773;
  const lowNorm = 1 + low / lowQ + low * low;
  const highPass = {
    ...{ b0: 1, b1: -2, b2: 1 },
    a1: (2 * (low * low - 1)) / lowNorm,
    a2: (1 - low / lowQ + low * low) / lowNorm,
  };
  return [shelf, highPass];
}
