/** Buffers of one use after the other: one that was given back is taken again, so that steady traffic leaves no garbage. */
export class SpareBuffers {
  private spare: Buffer | undefined;

  /** A buffer with any contents. */
  take(bytes: number): Buffer {
    const { spare } = this;
    this.spare = undefined;
    return spare?.length === bytes ? spare : Buffer.allocUnsafeSlow(bytes);
  }

  /** Its contents are not needed any more. */
  give(buffer: Buffer): void {
    this.spare = buffer;
  }
}
