import { BitReader } from './bits.js';

/**
 * AV1 in open bitstream units (OBUs).
 *
 * @see AV1 Bitstream & Decoding Process Specification 5.3 to 5.9, AV1 Codec ISO Media File Format Binding 2.3.
 */

const OBU = { sequenceHeader: 1, temporalDelimiter: 2, frameHeader: 3, frame: 6, tileList: 8, padding: 15 };
/** What a stream in FLV or MP4 does not carry. */
const LEFT_OUT: readonly number[] = [OBU.temporalDelimiter, OBU.tileList, OBU.padding];
const KEY_FRAME = 0;
const MAX_LEB128_BYTES = 8;
/** Of an AV1CodecConfigurationRecord, before its OBUs, bytes. */
export const CONFIG_FIELDS = 4;
/** Of `seq_level_idx`: those above have a tier. */
const LEVEL_WITHOUT_TIER = 7;
const SELECT_SCREEN_CONTENT_TOOLS = 2;
const SRGB = { primaries: 1, transfer: 13, matrix: 0 };

/** One frame that is shown, as FLV and MP4 carry it. */
export interface Av1Frame {
  readonly isKeyframe: boolean;
  /** Its OBUs, without delimiters and padding. */
  readonly bytes: Buffer;
  /** The sequence header, if it is in it. */
  readonly sequenceHeader: Buffer | undefined;
}

interface Obu {
  readonly type: number;
  /** With its header. */
  readonly bytes: Buffer;
  readonly payload: Buffer;
}

/** Reads a temporal unit, as encoders deliver it. @returns undefined if it cannot be read */
export function parseTemporalUnit(unit: Buffer): Av1Frame | undefined {
  const obus = obusOf(unit)?.filter(({ type }) => !LEFT_OUT.includes(type));
  if (obus === undefined) return undefined;
  const sequenceHeader = obus.find(({ type }) => type === OBU.sequenceHeader)?.bytes;
  const first = obus.find(({ type }) => type === OBU.frame || type === OBU.frameHeader);
  return {
    isKeyframe: sequenceHeader !== undefined && first !== undefined && isKey(first.payload),
    bytes: Buffer.concat(obus.map(({ bytes }) => bytes)),
    sequenceHeader,
  };
}

/**
 * The AV1CodecConfigurationRecord of a sequence header.
 *
 * @param sequenceHeader the whole OBU
 * @returns undefined if it cannot be read
 */
export function av1Config(sequenceHeader: Buffer): Buffer | undefined {
  const [obu] = obusOf(sequenceHeader) ?? [];
  const format = obu?.type === OBU.sequenceHeader ? parseSequenceHeader(obu.payload) : undefined;
  if (format === undefined) return undefined;
  const { profile, level, tier, depth, isMono, subsampling, samplePosition } = format;
  const flags = [tier, Number(depth > 8), Number(depth > 10), Number(isMono), ...subsampling];
  const packed = flags.reduce((bits, flag) => bits * 2 + flag, 0);
  return Buffer.concat([
    Buffer.from([0x81, (profile << 5) | level, (packed << 2) | samplePosition, 0]),
    sequenceHeader,
  ]);
}

/**
 * The frame size of a stream with this AV1CodecConfigurationRecord, pixels.
 *
 * @returns undefined if it has no sequence header, or it cannot be read
 */
export function av1FrameSize(
  config: Buffer,
): { readonly width: number; readonly height: number } | undefined {
  const obus = obusOf(config.subarray(CONFIG_FIELDS)) ?? [];
  const header = obus.find(({ type }) => type === OBU.sequenceHeader);
  const format = header && parseSequenceHeader(header.payload);
  return format && { width: format.width, height: format.height };
}

function obusOf(bytes: Buffer): Obu[] | undefined {
  const obus: Obu[] = [];
  for (let at = 0; at < bytes.length; ) {
    const header = bytes.readUInt8(at);
    const hasExtension = (header & 4) !== 0;
    let from = at + (hasExtension ? 2 : 1);
    let end = bytes.length;
    if ((header & 2) !== 0) {
      const size = readLeb128(bytes, from);
      if (size === undefined) return undefined;
      from += size.bytes;
      end = from + size.value;
    }
    if ((header & 0x80) !== 0 || from > bytes.length || end > bytes.length) return undefined;
    obus.push({
      type: (header >> 3) & 15,
      bytes: bytes.subarray(at, end),
      payload: bytes.subarray(from, end),
    });
    at = end;
  }
  return obus;
}

function readLeb128(
  from: Buffer,
  at: number,
): { readonly value: number; readonly bytes: number } | undefined {
  let value = 0;
  for (let index = 0; index < MAX_LEB128_BYTES; index++) {
    const byte = from[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) === 0) return { value, bytes: index + 1 };
  }
  return undefined;
}

/** Of a frame header: a key frame that is coded here, and shown. */
function isKey(payload: Buffer): boolean {
  const bits = new BitReader(payload);
  const [showsExisting, type, isShown] = [bits.read(1), bits.read(2), bits.read(1)];
  return showsExisting === 0 && type === KEY_FRAME && isShown === 1;
}

interface SequenceFormat {
  readonly profile: number;
  readonly level: number;
  readonly tier: number;
  /** Pixels, at most. */
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly isMono: boolean;
  /** Horizontally and vertically: 1 if it is halved. */
  readonly subsampling: readonly [number, number];
  readonly samplePosition: number;
}

function parseSequenceHeader(payload: Buffer): SequenceFormat | undefined {
  const bits = new BitReader(payload);
  const profile = bits.read(3);
  bits.skip(1); // still_picture
  const isReduced = bits.read(1) === 1;
  const operatingPoint = isReduced ? { level: bits.read(5), tier: 0 } : readOperatingPoints(bits);
  const [widthBits, heightBits] = [bits.read(4) + 1, bits.read(4) + 1];
  const size = { width: bits.read(widthBits) + 1, height: bits.read(heightBits) + 1 };
  if (!isReduced && bits.read(1) === 1) bits.skip(7); // frame ids
  bits.skip(3); // superblocks, filters
  if (!isReduced) skipTools(bits);
  bits.skip(3); // superres, cdef, restoration
  const colour = readColour(bits, profile);
  return bits.overrun || profile > 2 ? undefined : { profile, ...size, ...operatingPoint, ...colour };
}

/** Level and tier of the first operating point, which is the whole stream. */
function readOperatingPoints(bits: BitReader): Pick<SequenceFormat, 'level' | 'tier'> {
  let delayBits = 0;
  let hasDecoderModel = false;
  if (bits.read(1) === 1) {
    bits.skip(64); // num_units_in_display_tick, time_scale
    if (bits.read(1) === 1) bits.ue(); // num_ticks_per_picture_minus_1: a uvlc, which is read alike
    hasDecoderModel = bits.read(1) === 1;
    if (hasDecoderModel) {
      delayBits = bits.read(5) + 1;
      bits.skip(32 + 5 + 5);
    }
  }
  const hasDisplayDelay = bits.read(1) === 1;
  const count = bits.read(5) + 1;
  let first: Pick<SequenceFormat, 'level' | 'tier'> | undefined;
  for (let point = 0; point < count && !bits.overrun; point++) {
    bits.skip(12); // operating_point_idc
    const level = bits.read(5);
    const tier = level > LEVEL_WITHOUT_TIER ? bits.read(1) : 0;
    if (hasDecoderModel && bits.read(1) === 1) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.read(1) === 1) bits.skip(4);
    first ??= { level, tier };
  }
  return first ?? { level: 0, tier: 0 };
}

function skipTools(bits: BitReader): void {
  bits.skip(4); // interintra, masked, warped, dual filter
  const hasOrder = bits.read(1) === 1;
  if (hasOrder) bits.skip(2);
  const screenContent = bits.read(1) === 1 ? SELECT_SCREEN_CONTENT_TOOLS : bits.read(1);
  if (screenContent > 0 && bits.read(1) === 0) bits.skip(1); // force_integer_mv
  if (hasOrder) bits.skip(3);
}

function readColour(
  bits: BitReader,
  profile: number,
): Pick<SequenceFormat, 'depth' | 'isMono' | 'subsampling' | 'samplePosition'> {
  const isHigh = bits.read(1) === 1;
  const depth = !isHigh ? 8 : profile === 2 && bits.read(1) === 1 ? 12 : 10;
  const isMono = profile !== 1 && bits.read(1) === 1;
  const isDescribed = bits.read(1) === 1;
  const [primaries, transfer, matrix] = isDescribed ? [bits.read(8), bits.read(8), bits.read(8)] : [];
  const isRgb = primaries === SRGB.primaries && transfer === SRGB.transfer && matrix === SRGB.matrix;
  const common = { depth, isMono };
  if (isMono || !isRgb) bits.skip(1); // color_range
  if (isMono) return { ...common, subsampling: [1, 1], samplePosition: 0 };
  const subsampling = isRgb ? ([0, 0] as const) : readSubsampling(bits, profile, depth);
  const samplePosition = subsampling[0] === 1 && subsampling[1] === 1 ? bits.read(2) : 0;
  return { ...common, subsampling, samplePosition };
}

function readSubsampling(bits: BitReader, profile: number, depth: number): readonly [number, number] {
  if (profile === 0) return [1, 1];
  if (profile === 1) return [0, 0];
  if (depth !== 12) return [1, 0];
  const horizontal = bits.read(1);
  return [horizontal, horizontal === 1 ? bits.read(1) : 0];
}
