import { BitReader, withoutEmulationPrevention } from './bits.js';
import { withLengths } from './nal-units.js';

/** @see ITU-T H.265 7.3.1, 7.4.2.2; ISO/IEC 14496-15 8.3.3.1. */

const NAL_HEADER_BYTES = 2;
const NAL_RSV_VCL_R15 = 15;
const NAL_BLA_W_LP = 16;
const NAL_CRA = 21;
const NAL_FIRST_NON_VCL = 32;
const NAL_VPS = 32;
const NAL_SPS = 33;
const NAL_PPS = 34;
const NAL_ACCESS_UNIT_DELIMITER = 35;
/** In the order in which a decoder needs them. */
const PARAMETER_SETS = [NAL_VPS, NAL_SPS, NAL_PPS];
const LENGTH_BYTES = 4;
/** More than any valid frame has; the rest is not examined. */
const MAX_NAL_UNITS = 2048;
/** `profile_tier_level` up to the general level, bytes. */
const GENERAL_PROFILE_BYTES = 12;
const SUB_LAYER_PROFILE_BITS = 88;
const SUB_LAYER_LEVEL_BITS = 8;
const MAX_SUB_LAYERS = 8;

/** What of an SPS its decoder is configured with. */
interface SpsFormat {
  /** From `general_profile_space` to `general_level_idc`. */
  readonly profile: Buffer;
  /** Pixels, after cropping. */
  readonly width: number;
  readonly height: number;
  readonly layers: number;
  readonly isNested: boolean;
  readonly chromaFormat: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
}

export function isParameterSet(unit: Buffer): boolean {
  return PARAMETER_SETS.includes(typeOf(unit));
}

export function isDelimiter(unit: Buffer): boolean {
  return typeOf(unit) === NAL_ACCESS_UNIT_DELIMITER;
}

/** Whether the frame of these NAL units can be decoded without any before it. */
export function isRandomAccess(units: readonly Buffer[]): boolean {
  return units.some((unit) => typeOf(unit) >= NAL_BLA_W_LP && typeOf(unit) <= NAL_CRA);
}

/**
 * Whether no other frame refers to this one: the type of each of its slices says so.
 *
 * @param start where its NAL units begin, each preceded by its length in four bytes
 */
export function isDisposableHevc(payload: Buffer, start: number): boolean {
  let slices = 0;
  let at = start;
  for (let units = 0; at + LENGTH_BYTES < payload.length; at += LENGTH_BYTES + payload.readUInt32BE(at)) {
    units += 1;
    if (units > MAX_NAL_UNITS) return false;
    const type = (payload.readUInt8(at + LENGTH_BYTES) >> 1) & 0x3f;
    if (type >= NAL_FIRST_NON_VCL) continue;
    if (type > NAL_RSV_VCL_R15 || type % 2 === 1) return false;
    slices += 1;
  }
  return slices > 0;
}

/**
 * The HEVCDecoderConfigurationRecord of these parameter sets.
 *
 * @returns undefined if one of VPS, SPS and PPS is missing, or the SPS cannot be read
 */
export function hevcConfig(sets: readonly Buffer[]): Buffer | undefined {
  const sps = sets.find((set) => typeOf(set) === NAL_SPS);
  const format = sps === undefined ? undefined : parseSps(sps);
  if (format === undefined) return undefined;
  const { profile, layers, isNested, chromaFormat, lumaBits, chromaBits } = format;
  const arrays = PARAMETER_SETS.map((type) => [type, sets.filter((set) => typeOf(set) === type)] as const);
  if (arrays.some(([, ofType]) => ofType.length === 0)) return undefined;
  return Buffer.concat([
    Buffer.from([1]),
    profile,
    // No spatial segmentation and no kind of parallelism are known; nor is an average frame rate.
    Buffer.from([0xf0, 0, 0xfc, 0xfc | chromaFormat, 0xf8 | (lumaBits - 8), 0xf8 | (chromaBits - 8), 0, 0]),
    Buffer.from([(layers << 3) | (Number(isNested) << 2) | (LENGTH_BYTES - 1), arrays.length]),
    ...arrays.flatMap(([type, ofType]) => [
      Buffer.from([type, ofType.length >> 8, ofType.length & 0xff]),
      ...ofType.flatMap((set) => [Buffer.from([set.length >> 8, set.length & 0xff]), set]),
    ]),
  ]);
}

/** Where an HEVCDecoderConfigurationRecord has the number of its arrays. */
const ARRAYS_AT = 22;

/** The parameter sets of an HEVCDecoderConfigurationRecord, in its order; those before the place where it cannot be read. */
function setsOfConfig(config: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  let at = ARRAYS_AT + 1;
  for (let array = config[ARRAYS_AT] ?? 0; array > 0 && at + 3 <= config.length; array--) {
    let count = config.readUInt16BE(at + 1);
    at += 3;
    for (; count > 0 && at + 2 <= config.length; count--) {
      const end = at + 2 + config.readUInt16BE(at);
      if (end > config.length) return sets;
      sets.push(config.subarray(at + 2, end));
      at = end;
    }
  }
  return sets;
}

/**
 * The frame size of a stream with this HEVCDecoderConfigurationRecord, pixels.
 *
 * @returns undefined if it cannot be read
 */
export function hevcFrameSize(
  config: Buffer,
): { readonly width: number; readonly height: number } | undefined {
  const sps = setsOfConfig(config).find((set) => typeOf(set) === NAL_SPS);
  const format = sps && parseSps(sps);
  return format && { width: format.width, height: format.height };
}

/** A keyframe's NAL units with the configuration's parameter sets in band; as they are if an SPS is there. */
export function withHevcParameterSets(keyframe: Buffer, config: Buffer): Buffer {
  let at = 0;
  let place = 0;
  for (let units = 0; units < MAX_NAL_UNITS && at + LENGTH_BYTES < keyframe.length; units++) {
    const type = typeOf(keyframe.subarray(at + LENGTH_BYTES));
    if (type === NAL_SPS) return keyframe;
    if (type < NAL_FIRST_NON_VCL) break;
    at += LENGTH_BYTES + keyframe.readUInt32BE(at);
    if (type === NAL_ACCESS_UNIT_DELIMITER && units === 0) place = Math.min(at, keyframe.length);
  }
  const sets = withLengths(setsOfConfig(config).filter(isParameterSet));
  return Buffer.concat([keyframe.subarray(0, place), sets, keyframe.subarray(place)]);
}

function typeOf(unit: Buffer): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}

function parseSps(unit: Buffer): SpsFormat | undefined {
  const sps = withoutEmulationPrevention(unit.subarray(NAL_HEADER_BYTES));
  const bits = new BitReader(sps);
  bits.skip(4); // sps_video_parameter_set_id
  const layers = bits.read(3) + 1;
  const isNested = bits.read(1) === 1;
  if (layers >= MAX_SUB_LAYERS) return undefined;
  const profile = sps.subarray(1, 1 + GENERAL_PROFILE_BYTES);
  bits.skip(GENERAL_PROFILE_BYTES * 8);
  skipSubLayers(bits, layers - 1);
  bits.ue(); // sps_seq_parameter_set_id
  const chromaFormat = bits.ue();
  if (chromaFormat === 3) bits.skip(1); // separate_colour_plane_flag
  const codedWidth = bits.ue();
  const codedHeight = bits.ue();
  const isCropped = bits.read(1) === 1;
  const [left, right, top, bottom] = isCropped ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const width = codedWidth - (left + right) * (chromaFormat === 1 || chromaFormat === 2 ? 2 : 1);
  const height = codedHeight - (top + bottom) * (chromaFormat === 1 ? 2 : 1);
  const lumaBits = bits.ue() + 8;
  const chromaBits = bits.ue() + 8;
  const isValid = !bits.overrun && chromaFormat <= 3 && lumaBits <= 15 && chromaBits <= 15;
  return isValid
    ? { profile, width, height, layers, isNested, chromaFormat, lumaBits, chromaBits }
    : undefined;
}

function skipSubLayers(bits: BitReader, count: number): void {
  if (count === 0) return;
  const present = Array.from({ length: count }, () => ({ profile: bits.read(1), level: bits.read(1) }));
  bits.skip(2 * (MAX_SUB_LAYERS - count));
  for (const { profile, level } of present)
    bits.skip(profile * SUB_LAYER_PROFILE_BITS + level * SUB_LAYER_LEVEL_BITS);
}
