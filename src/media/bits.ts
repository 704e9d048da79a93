/** The bytes 0 0 3 represent 0 0 (H.264 7.4.1). */
export function withoutEmulationPrevention(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** Reads bits from the highest on; past the end they are zeros, and `overrun` is set. */
export class BitReader {
  overrun = false;
  /** Number of bits read. */
  at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** @param count up to 32 */
  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    this.at += count;
    if (this.at > this.bytes.length * 8) this.overrun = true;
  }

  /** Exp-Golomb code, unsigned (H.264 9.1). */
  ue(): number {
    let zeros = 0;
    while (zeros < 32 && !this.overrun && this.bit() === 0) zeros++;
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** Exp-Golomb code, signed. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }

  private bit(): number {
    const byte = this.bytes[this.at >> 3];
    if (byte === undefined) {
      this.overrun = true;
      return 0;
    }
    const value = (byte >> (7 - (this.at & 7))) & 1;
    this.at++;
    return value;
  }
}

/** Three bytes 0 0 N with N up to 3 have a special meaning, so a 3 is inserted before N (H.264 7.4.1). */
export function withEmulationPrevention(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(Math.ceil(bytes.length * 1.5));
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      out[length++] = 3;
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** Writes bits from the highest on. */
export class BitWriter {
  private readonly bytes: Buffer;
  private at = 0;

  /** @param maxBytes its capacity; the caller must not exceed it */
  constructor(maxBytes: number) {
    this.bytes = Buffer.alloc(maxBytes);
  }

  get isAligned(): boolean {
    return this.at % 8 === 0;
  }

  /** @param count up to 32 */
  write(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      const index = this.at >> 3;
      if (Math.floor(value / 2 ** bit) % 2 === 1)
        this.bytes[index] = (this.bytes[index] ?? 0) | (0x80 >> (this.at & 7));
      this.at++;
    }
  }

  /** Exp-Golomb code, unsigned. */
  ue(value: number): void {
    const bits = Math.floor(Math.log2(value + 1));
    this.write(0, bits);
    this.write(value + 1, bits + 1);
  }

  /** Appends `from`, from its bit number `fromBit` on. */
  copy(from: Buffer, fromBit: number): void {
    let at = fromBit;
    const end = from.length * 8;
    for (; at < end && at % 8 !== 0; at++) this.write(((from[at >> 3] ?? 0) >> (7 - (at & 7))) & 1, 1);
    const shift = this.at & 7;
    for (; at < end; at += 8, this.at += 8) {
      const byte = from[at >> 3] ?? 0;
      const index = this.at >> 3;
      this.bytes[index] = (this.bytes[index] ?? 0) | (byte >> shift);
      if (shift > 0) this.bytes[index + 1] = (byte << (8 - shift)) & 0xff;
    }
  }

  /** The written bits, padded with zeros to whole bytes. */
  finish(): Buffer {
    return this.bytes.subarray(0, Math.ceil(this.at / 8));
  }
}
