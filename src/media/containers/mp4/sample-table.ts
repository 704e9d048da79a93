import { fullBox, u32, u64 } from './boxes.js';

/** Where a frame is, in the track's ticks. */
export interface TimedSample {
  readonly dts: number;
  /** PTS − DTS. */
  readonly composition: number;
  readonly size: number;
  readonly isKeyframe: boolean;
}

/** Files have 32 bits for it. */
const MAX_DURATION = 0xffffffff;

/** The table of a track's samples, as a plain MP4 has it: about 5 bytes for a frame. */
export class SampleTable {
  /** Of the first sample. */
  firstDts: number | undefined;
  firstComposition = 0;
  /** Of the last one. */
  lastDts = 0;
  private readonly sizes = new Numbers();
  private readonly durations = new Runs();
  private readonly compositions = new Runs();
  private readonly keyframes = new Numbers();
  private readonly chunkPositions: number[] = [];
  private readonly chunkCounts = new Numbers();

  get count(): number {
    return this.sizes.length;
  }

  /** Adds samples that lie one after the other in the file. */
  addChunk(position: number, samples: readonly TimedSample[]): void {
    for (const { dts, composition, size, isKeyframe } of samples) {
      if (this.firstDts === undefined) {
        this.firstDts = dts;
        this.firstComposition = composition;
      } else this.durations.push(Math.min(Math.max(0, dts - this.lastDts), MAX_DURATION));
      this.lastDts = Math.max(dts, this.lastDts);
      this.compositions.push(composition);
      this.sizes.push(size);
      if (isKeyframe) this.keyframes.push(this.sizes.length);
    }
    this.chunkPositions.push(position);
    this.chunkCounts.push(samples.length);
  }

  /** The boxes after the sample descriptions. @param lastTicks the duration of the last sample */
  boxes(lastTicks: number): Buffer[] {
    const durations = this.durations.pairs({ last: lastTicks });
    const compositions = this.compositions.pairs();
    const hasCompositions = compositions.length > 8 || compositions.readUInt32BE(4) !== 0;
    const isAllKeyframes = this.keyframes.length === this.count;
    return [
      fullBox('stts', 0, 0, u32(durations.length / 8), durations),
      ...(hasCompositions ? [fullBox('ctts', 1, 0, u32(compositions.length / 8), compositions)] : []),
      ...(isAllKeyframes ? [] : [fullBox('stss', 0, 0, u32(this.keyframes.length), this.keyframes.bytes())]),
      this.samplesPerChunk(),
      fullBox('stsz', 0, 0, u32(0, this.count), this.sizes.bytes()),
      fullBox('co64', 0, 0, u32(this.chunkPositions.length), u64(this.chunkPositions)),
    ];
  }

  /** Of the first chunk of each run with as many samples: its number, and how many. */
  private samplesPerChunk(): Buffer {
    const entries = new Numbers();
    let last: number | undefined;
    for (let chunk = 0; chunk < this.chunkCounts.length; chunk++) {
      const count = this.chunkCounts.at(chunk);
      if (count === last) continue;
      for (const value of [chunk + 1, count, 1]) entries.push(value);
      last = count;
    }
    return fullBox('stsc', 0, 0, u32(entries.length / 3), entries.bytes());
  }
}

/** Numbers of 32 bits, which take no more than that: a day of 60 fps is five million frames. */
class Numbers {
  length = 0;
  private values = new Uint32Array(256);

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return this.values[index] ?? 0;
  }

  /** Big-endian. */
  bytes(): Buffer {
    const bytes = Buffer.allocUnsafe(4 * this.length);
    for (let n = 0; n < this.length; n++) bytes.writeUInt32BE(this.at(n), 4 * n);
    return bytes;
  }
}

/** Values of which many in a row are the same, as counts and values. */
class Runs {
  private readonly closed = new Numbers();
  private value: number | undefined;
  private count = 0;

  push(value: number): void {
    if (value !== this.value) this.close();
    this.value = value;
    this.count++;
  }

  /** @param last one more value */
  pairs({ last }: { readonly last?: number } = {}): Buffer {
    if (last !== undefined) this.push(last);
    this.close();
    return this.closed.bytes();
  }

  private close(): void {
    if (this.value !== undefined) {
      this.closed.push(this.count);
      this.closed.push(this.value >>> 0);
    }
    this.value = undefined;
    this.count = 0;
  }
}
