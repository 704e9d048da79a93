/** The last seconds of a track's PCM, by the number of the sample since the track's start. */
export class PcmRing {
  private readonly bytes: Buffer;
  private written = 0;

  /**
   * @param frameBytes bytes of one sample of all channels
   * @param capacity samples kept
   */
  constructor(
    private readonly frameBytes: number,
    readonly capacity: number,
  ) {
    this.bytes = Buffer.alloc(frameBytes * capacity);
  }

  /** Samples written since the start. */
  get end(): number {
    return this.written;
  }

  /** First sample that is still there. */
  get start(): number {
    return Math.max(0, this.written - this.capacity);
  }

  push(pcm: Buffer): void {
    const { bytes, frameBytes } = this;
    this.written += pcm.length / frameBytes;
    const kept = pcm.subarray(Math.max(0, pcm.length - bytes.length));
    const at = ((this.written - kept.length / frameBytes) * frameBytes) % bytes.length;
    const copied = kept.copy(bytes, at);
    kept.copy(bytes, 0, copied);
  }

  /** A copy of all samples from `first` on, which must still be there. */
  from(first: number): Buffer {
    const { bytes, frameBytes } = this;
    const length = (this.written - first) * frameBytes;
    const at = (first * frameBytes) % bytes.length;
    const head = bytes.subarray(at, Math.min(bytes.length, at + length));
    return Buffer.concat([head, bytes.subarray(0, length - head.length)]);
  }
}
