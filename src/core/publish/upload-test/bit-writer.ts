/** Writes bits from the highest on. */
export class BitWriter {
  private readonly bytes: number[] = [];
  private current = 0;
  private count = 0;

  /** @param bits up to 32 */
  u(bits: number, value: number): this {
    for (let bit = bits - 1; bit >= 0; bit--) {
      this.current = (this.current << 1) | ((value >>> bit) & 1);
      this.count += 1;
      if (this.count < 8) continue;
      this.bytes.push(this.current);
      this.current = 0;
      this.count = 0;
    }
    return this;
  }

  /** Exp-Golomb code, unsigned (H.264 9.1); of 0, the signed one is the same. */
  ue(value: number): this {
    const code = value + 1;
    const length = 32 - Math.clz32(code);
    return this.u(length - 1, 0).u(length, code);
  }

  /** The bits with the stop bit of a NAL unit, in whole bytes. */
  ended(): readonly number[] {
    this.u(1, 1);
    while (this.count > 0) this.u(1, 0);
    return this.bytes;
  }
}

/** A NAL unit with emulation prevention (H.264 7.4.1). */
export function nalUnit(header: number, bits: BitWriter): Buffer {
  const bytes = [header];
  let zeros = 0;
  for (const byte of bits.ended()) {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(bytes);
}
