/** The level of a millisecond of sound. */
export interface SoundLevel {
  /** When it begins, ms. */
  readonly ptsMs: number;
  /** Root mean square, 0 to 1. */
  readonly level: number;
}

/** Decoded sound of one timestamp. */
export interface SoundBlock {
  readonly ptsMs: number;
  readonly samples: number;
}

const BYTES_PER_SAMPLE = 2;
const FULL_SCALE = 32_768;

/** Measures the level of each millisecond of 16-bit mono PCM, which arrives in any pieces. */
export class LevelMeter {
  private readonly levels: number[] = [];
  private readonly samplesPerMs: number;
  private sum = 0;
  private counted = 0;
  private odd: number | undefined;

  /** @param sampleRate a multiple of 1000 */
  constructor(sampleRate: number) {
    this.samplesPerMs = sampleRate / 1000;
  }

  take(bytes: Buffer): void {
    let at = 0;
    if (this.odd !== undefined && bytes.length > 0) {
      this.add(Buffer.from([this.odd, bytes[0] ?? 0]).readInt16LE(0));
      this.odd = undefined;
      at = 1;
    }
    for (; at + BYTES_PER_SAMPLE <= bytes.length; at += BYTES_PER_SAMPLE) this.add(bytes.readInt16LE(at));
    if (at < bytes.length) this.odd = bytes[at];
  }

  /** @param blocks what was taken, with its timestamps */
  finish(blocks: readonly SoundBlock[]): SoundLevel[] {
    const times: SoundLevel[] = [];
    let block = 0;
    let start = 0;
    for (const [index, level] of this.levels.entries()) {
      const sample = index * this.samplesPerMs;
      while (block < blocks.length - 1 && sample >= start + (blocks[block]?.samples ?? 0)) {
        start += blocks[block]?.samples ?? 0;
        block += 1;
      }
      times.push({ ptsMs: (blocks[block]?.ptsMs ?? 0) + (sample - start) / this.samplesPerMs, level });
    }
    return times;
  }

  private add(sample: number): void {
    this.sum += (sample / FULL_SCALE) ** 2;
    this.counted += 1;
    if (this.counted < this.samplesPerMs) return;
    this.levels.push(Math.sqrt(this.sum / this.counted));
    this.sum = 0;
    this.counted = 0;
  }
}
