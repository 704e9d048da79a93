/** A difference counts once it is more than this, s: timestamps are rounded, and a packet's may be off by more. */
const FEWEST_S = 0.005;
/** Over which it is averaged, s. */
const AVERAGE_S = 4;

/** How the samples of a source differ in number from what its timestamps say: its sound card has a clock of its own. */
export class StampSkew {
  private average = 0;
  private isSkewed = false;

  /** @param sampleRate Hz */
  constructor(private readonly sampleRate: number) {}

  /** What is to be made up for, samples: 0 until it is certain. */
  get samples(): number {
    return this.isSkewed ? this.average : 0;
  }

  /** The same as far as it is known, samples. */
  get mean(): number {
    return this.average;
  }

  /**
   * Notes a packet of `samples`.
   *
   * @param off samples by which its timestamp is later than the samples before it say
   */
  note(off: number, samples: number): void {
    const weight = Math.min(1, samples / (AVERAGE_S * this.sampleRate));
    this.average += (off - this.average) * weight;
    this.isSkewed ||= Math.abs(this.average) > FEWEST_S * this.sampleRate;
  }

  /** The samples have been put where their timestamps say. */
  restart(): void {
    this.average = this.samples;
  }
}
