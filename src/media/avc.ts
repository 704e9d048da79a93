/**
 * H.264 access units as FLV carries them: NAL units, each after its length in four bytes.
 *
 * @see ISO/IEC 14496-15 5.3.4, ITU-T H.264 7.3.1.
 */

const LENGTH_BYTES = 4;
const NAL_SLICE = 1;
const NAL_IDR_SLICE = 5;
const NAL_SPS = 7;
const NAL_ACCESS_UNIT_DELIMITER = 9;
/** No picture has so many; what claims to have more is not looked through. */
const MAX_NAL_UNITS = 2048;
/** `primary_pic_type` 0: I slices only. */
const INTRA_DELIMITER = Buffer.from([0, 0, 0, 2, NAL_ACCESS_UNIT_DELIMITER, 0x10]);

/** Whether no other picture refers to this one: the `nal_ref_idc` of each of its slices is 0. */
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
 * A keyframe's tag body that a decoder cannot take for a part of the picture before it. Two IDR pictures in a row must
 * differ in `idr_pic_id` (H.264 7.4.3), unless a delimiter or a parameter set says where the second begins (7.4.1.2.3).
 */
export function withDelimiter(payload: Buffer, start: number): Buffer {
  if (payload.length <= start + LENGTH_BYTES) return payload;
  const first = payload.readUInt8(start + LENGTH_BYTES) & 0x1f;
  if (first === NAL_ACCESS_UNIT_DELIMITER || first === NAL_SPS) return payload;
  return Buffer.concat([payload.subarray(0, start), INTRA_DELIMITER, payload.subarray(start)]);
}
