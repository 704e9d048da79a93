/**
 * H.264 access units in FLV: NAL units, each preceded by its length in four bytes.
 *
 * @see ISO/IEC 14496-15 5.3.4, ITU-T H.264 7.3.1.
 */

const LENGTH_BYTES = 4;
const NAL_SLICE = 1;
const NAL_IDR_SLICE = 5;
const NAL_SPS = 7;
const NAL_ACCESS_UNIT_DELIMITER = 9;
/** More than any valid frame has; the rest is not examined. */
const MAX_NAL_UNITS = 2048;
/** `primary_pic_type` 0: I slices only. */
const INTRA_DELIMITER = Buffer.from([0, 0, 0, 2, NAL_ACCESS_UNIT_DELIMITER, 0x10]);

/** Whether no other frame refers to this one: the `nal_ref_idc` of each of its slices is 0. */
export function isDisposable(payload: Buffer, start: number): boolean {
  let slices = 0;
  let units = 0;
  for (let at = start; at + LENGTH_BYTES < payload.length; at += LENGTH_BYTES + payload.readUInt32BE(at)) {
    units += 1;
    if (units > MAX_NAL_UNITS) return false;
    const header = payload.readUInt8(at + LENGTH_BYTES);
    const type = header & 0x1f;
    if (type < NAL_SLICE || type > NAL_IDR_SLICE) continue;
    if ((header & 0x60) !== 0) return false;
    slices++;
  }
  return slices > 0;
}

/**
 * Adds a delimiter to a keyframe's tag body, so that a decoder cannot take it for a part of the previous frame. Two
 * consecutive IDR frames must differ in `idr_pic_id` (H.264 7.4.3), unless a delimiter or a parameter set marks the
 * beginning of the second (7.4.1.2.3).
 */
export function withDelimiter(payload: Buffer, start: number): Buffer {
  if (payload.length <= start + LENGTH_BYTES) return payload;
  const first = payload.readUInt8(start + LENGTH_BYTES) & 0x1f;
  if (first === NAL_ACCESS_UNIT_DELIMITER || first === NAL_SPS) return payload;
  return Buffer.concat([payload.subarray(0, start), INTRA_DELIMITER, payload.subarray(start)]);
}

/** Position of the counts in an AVCDecoderConfigurationRecord, and their masks. */
const CONFIGURATION_BYTES = 5;
const SPS_COUNT_MASK = 0x1f;
const FOUR_BYTE_LENGTHS = 3;

/**
 * The SPS and PPS of an AVC sequence header, each preceded by its length in four bytes.
 *
 * @param start where the AVCDecoderConfigurationRecord begins
 * @returns undefined if there are none, it cannot be read, or the stream's lengths do not have four bytes
 * @see ISO/IEC 14496-15 5.3.3.1
 */
export function parameterSetsOf(header: Buffer, start: number): Buffer | undefined {
  if (header.length <= start + CONFIGURATION_BYTES || header.readUInt8(start) !== 1) return undefined;
  if ((header.readUInt8(start + 4) & 3) !== FOUR_BYTE_LENGTHS) return undefined;
  const sets: Buffer[] = [];
  let at = start + CONFIGURATION_BYTES;
  for (const mask of [SPS_COUNT_MASK, 0xff]) {
    if (at >= header.length) return undefined;
    const count = header.readUInt8(at++) & mask;
    for (let n = 0; n < count; n++) {
      if (at + 2 > header.length) return undefined;
      const bytes = header.readUInt16BE(at);
      at += 2;
      if (bytes === 0 || at + bytes > header.length) return undefined;
      sets.push(Buffer.from([0, 0, bytes >> 8, bytes & 0xff]), header.subarray(at, at + bytes));
      at += bytes;
    }
  }
  return sets.length === 0 ? undefined : Buffer.concat(sets);
}

/**
 * A keyframe's tag body with its SPS and PPS in band, after the delimiter if there is one; the body itself if it has an
 * SPS. Parsers, and recordings made by copying, ignore a changed sequence header.
 */
export function withParameterSets(payload: Buffer, start: number, sets: Buffer): Buffer {
  let at = start;
  for (let units = 0; units < MAX_NAL_UNITS && at + LENGTH_BYTES < payload.length; units++) {
    const type = payload.readUInt8(at + LENGTH_BYTES) & 0x1f;
    if (type === NAL_SPS) return payload;
    if (type >= NAL_SLICE && type <= NAL_IDR_SLICE) break;
    at += LENGTH_BYTES + payload.readUInt32BE(at);
  }
  const delimited = (payload[start + LENGTH_BYTES] ?? 0) & 0x1f;
  const place =
    delimited === NAL_ACCESS_UNIT_DELIMITER ? start + LENGTH_BYTES + payload.readUInt32BE(start) : start;
  return Buffer.concat([payload.subarray(0, place), sets, payload.subarray(place)]);
}
