/** What an H.264 sequence parameter set says of a stream. */
export interface SpsInfo {
  /** `profile_idc`, e.g. 66 (Baseline), 77 (Main), 100 (High). */
  readonly profile: number;
  /** `level_idc`, ten times the level: 31 for 3.1. */
  readonly level: number;
  /** Frame size after cropping, pixels. */
  readonly width: number;
  readonly height: number;
  /** The nominal frame rate; undefined where the stream does not say. */
  readonly fps: number | undefined;
}

/** Where the SPS begins in an AVCDecoderConfigurationRecord, behind its length in two bytes (ISO/IEC 14496-15 5.3.3.1). */
const SPS_LENGTH_OFFSET = 6;
/** Longer ones are cut: those with every scaling list written out stay below. */
const MAX_SPS_BYTES = 1024;
const EXTENDED_SAR = 255;
/** Profiles whose SPS describes the chroma format and scaling lists (H.264 7.3.2.1.1). */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
]);
/** The widest and highest frame of any level. */
const MAX_PIXELS = 16_384;

/**
 * Reads the first SPS of a decoder configuration record.
 *
 * @returns undefined for what is cut off or cannot be one.
 * @see ITU-T H.264 7.3.2.1.1 and E.1.1.
 */
export function parseAvcConfig(record: Buffer): SpsInfo | undefined {
  if (record.length < SPS_LENGTH_OFFSET + 2) return undefined;
  const start = SPS_LENGTH_OFFSET + 2;
  const sps = record.subarray(start, start + record.readUInt16BE(SPS_LENGTH_OFFSET));
  return sps.length < 4 ? undefined : parseSps(sps);
}

/** Reads an SPS NAL unit, its header byte included. */
export function parseSps(nal: Buffer): SpsInfo | undefined {
  const bits = new BitReader(withoutEmulationPrevention(nal.subarray(1, MAX_SPS_BYTES)));
  const profile = bits.read(8);
  bits.skip(8);
  const level = bits.read(8);
  bits.ue();
  const chroma = HIGH_PROFILES.has(profile) ? readHighProfileFields(bits) : { format: 1, separate: false };
  bits.ue();
  skipPictureOrderCount(bits);
  bits.ue();
  bits.skip(1);
  const widthInMacroblocks = bits.ue() + 1;
  const heightInMapUnits = bits.ue() + 1;
  const framesOnly = bits.read(1);
  if (framesOnly === 0) bits.skip(1);
  bits.skip(1);
  const crop = bits.read(1) === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const subsampled = !chroma.separate && chroma.format !== 0;
  const cropX = subsampled && chroma.format !== 3 ? 2 : 1;
  const cropY = (subsampled && chroma.format === 1 ? 2 : 1) * (2 - framesOnly);
  const width = widthInMacroblocks * 16 - cropX * (left + right);
  const height = (2 - framesOnly) * heightInMapUnits * 16 - cropY * (top + bottom);
  if (bits.overrun || width < 1 || height < 1 || width > MAX_PIXELS || height > MAX_PIXELS) return undefined;
  const fps = bits.read(1) === 1 ? readFrameRate(bits) : undefined;
  return { profile, level, width, height, fps: bits.overrun ? undefined : fps };
}

function readHighProfileFields(bits: BitReader): { format: number; separate: boolean } {
  const format = bits.ue();
  const separate = format === 3 && bits.read(1) === 1;
  bits.ue();
  bits.ue();
  bits.skip(1);
  if (bits.read(1) === 1) {
    const lists = format === 3 ? 12 : 8;
    for (let list = 0; list < lists; list++) {
      if (bits.read(1) === 1) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  return { format, separate };
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let at = 0; at < size && !bits.overrun; at++) {
    if (next !== 0) next = (last + bits.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function skipPictureOrderCount(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) {
    bits.ue();
  } else if (type === 1) {
    bits.skip(1);
    bits.se();
    bits.se();
    const frames = bits.ue();
    for (let frame = 0; frame < frames && !bits.overrun; frame++) bits.se();
  }
}

/** Of the VUI parameters, the nominal frame rate. */
function readFrameRate(bits: BitReader): number | undefined {
  if (bits.read(1) === 1 && bits.read(8) === EXTENDED_SAR) bits.skip(32);
  if (bits.read(1) === 1) bits.skip(1);
  if (bits.read(1) === 1) {
    bits.skip(4);
    if (bits.read(1) === 1) bits.skip(24);
  }
  if (bits.read(1) === 1) {
    bits.ue();
    bits.ue();
  }
  if (bits.read(1) === 0) return undefined;
  const unitsInTick = bits.read(32);
  const timeScale = bits.read(32);
  const fps = timeScale / (2 * unitsInTick);
  return fps >= 1 && fps <= 1000 ? fps : undefined;
}

/** The bytes 0 0 3 stand for 0 0 (H.264 7.4.1). */
function withoutEmulationPrevention(bytes: Buffer): Buffer {
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

/** Reads bits from the highest on; past the end they are zeros, and `overrun` says so. */
class BitReader {
  overrun = false;
  private at = 0;

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
