import { BitReader, withoutEmulationPrevention } from './bits.js';

/** The contents of an H.264 sequence parameter set. */
export interface SpsInfo {
  /** `profile_idc`, e.g. 66 (Baseline), 77 (Main), 100 (High). */
  readonly profile: number;
  /** `level_idc`, ten times the level: 31 for 3.1. */
  readonly level: number;
  /** Frame size after cropping, pixels. */
  readonly width: number;
  readonly height: number;
  /** The nominal frame rate; undefined if not specified. */
  readonly fps: number | undefined;
}

/** The parts of an SPS needed to parse slice headers (H.264 7.3.3). */
export interface SliceFormat {
  readonly separatePlanes: boolean;
  /** Bits of `frame_num`, and of `pic_order_cnt_lsb` if `orderType` is 0. */
  readonly frameNumBits: number;
  readonly orderType: number;
  readonly orderBits: number;
  readonly orderAlwaysZero: boolean;
  readonly framesOnly: boolean;
}

/** Position of the SPS in an AVCDecoderConfigurationRecord, after its two-byte length (ISO/IEC 14496-15 5.3.3.1). */
const SPS_LENGTH_OFFSET = 6;
/** Longer ones are truncated: even those with every scaling list are shorter. */
const MAX_SPS_BYTES = 1024;
const EXTENDED_SAR = 255;
/** Profiles whose SPS describes the chroma format and scaling lists (H.264 7.3.2.1.1). */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
]);
/** Maximum frame width and height of any level. */
const MAX_PIXELS = 16_384;

/**
 * Parses the first SPS of a decoder configuration record.
 *
 * @returns undefined if it is truncated or invalid.
 * @see ITU-T H.264 7.3.2.1.1 and E.1.1.
 */
export function parseAvcConfig(record: Buffer): SpsInfo | undefined {
  if (record.length < SPS_LENGTH_OFFSET + 2) return undefined;
  const start = SPS_LENGTH_OFFSET + 2;
  const sps = record.subarray(start, start + record.readUInt16BE(SPS_LENGTH_OFFSET));
  return sps.length < 4 ? undefined : parseSps(sps);
}

/** Parses an SPS NAL unit, including its header byte. */
export function parseSps(nal: Buffer): SpsInfo | undefined {
  return readSps(nal)?.info;
}

/** Parses the parts of an SPS NAL unit needed to parse slices. */
export function parseSliceFormat(nal: Buffer): SliceFormat | undefined {
  return readSps(nal)?.slices;
}

/**
 * How many frames at most are decoded before one that is shown earlier, as an SPS NAL unit says; undefined if it does not.
 *
 * @see ITU-T H.264 E.1.1
 */
export function parseReorderedFrames(nal: Buffer): number | undefined {
  return readSps(nal)?.reordered;
}

function readSps(
  nal: Buffer,
):
  | { readonly info: SpsInfo; readonly slices: SliceFormat; readonly reordered: number | undefined }
  | undefined {
  const bits = new BitReader(withoutEmulationPrevention(nal.subarray(1, MAX_SPS_BYTES)));
  const profile = bits.read(8);
  bits.skip(8);
  const level = bits.read(8);
  bits.ue();
  const chroma = HIGH_PROFILES.has(profile) ? readHighProfileFields(bits) : { format: 1, separate: false };
  const frameNumBits = bits.ue() + 4;
  const order = readFrameOrder(bits);
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
  const hasMore = bits.read(1) === 1;
  const rate = hasMore ? readFrameRate(bits) : undefined;
  const fps = bits.overrun ? undefined : rate;
  const reordered = hasMore ? readReordering(bits) : undefined;
  return {
    reordered: bits.overrun ? undefined : reordered,
    info: { profile, level, width, height, fps },
    slices: { separatePlanes: chroma.separate, frameNumBits, ...order, framesOnly: framesOnly === 1 },
  };
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

function readFrameOrder(bits: BitReader): Pick<SliceFormat, 'orderType' | 'orderBits' | 'orderAlwaysZero'> {
  const orderType = bits.ue();
  if (orderType === 0) return { orderType, orderBits: bits.ue() + 4, orderAlwaysZero: false };
  if (orderType !== 1) return { orderType, orderBits: 0, orderAlwaysZero: false };
  const orderAlwaysZero = bits.read(1) === 1;
  bits.se();
  bits.se();
  const frames = bits.ue();
  for (let frame = 0; frame < frames && !bits.overrun; frame++) bits.se();
  return { orderType, orderBits: 0, orderAlwaysZero };
}

/** The nominal frame rate in the VUI parameters. */
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
  bits.skip(1);
  const fps = timeScale / (2 * unitsInTick);
  return fps >= 1 && fps <= 1000 ? fps : undefined;
}

/** The rest of the VUI parameters. */
function readReordering(bits: BitReader): number | undefined {
  const hasHrd = [0, 1].map(() => {
    const has = bits.read(1) === 1;
    if (has) skipHrd(bits);
    return has;
  });
  if (hasHrd.includes(true)) bits.skip(1);
  bits.skip(1);
  if (bits.read(1) === 0) return undefined;
  bits.skip(1);
  for (let field = 0; field < 4; field++) bits.ue();
  return bits.ue();
}

function skipHrd(bits: BitReader): void {
  const schedules = bits.ue() + 1;
  bits.skip(8);
  for (let schedule = 0; schedule < schedules && !bits.overrun; schedule++) {
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  bits.skip(20);
}
