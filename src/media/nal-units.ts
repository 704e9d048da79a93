/**
 * NAL units of H.264 and HEVC as encoders deliver them, with start codes, and as FLV and MP4 carry them, each preceded by its length in
 * four bytes.
 *
 * @see ITU-T H.265 Annex B, ISO/IEC 14496-15 4.3.3.
 */

const START_CODE = Buffer.from([0, 0, 1]);
const LENGTH_BYTES = 4;

/** The NAL units of a byte stream. What precedes its first start code is ignored. */
export function splitByteStream(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let at = bytes.indexOf(START_CODE);
  while (at >= 0) {
    const from = at + START_CODE.length;
    at = bytes.indexOf(START_CODE, from);
    const unit = withoutTrailingZeros(bytes.subarray(from, at < 0 ? bytes.length : at));
    if (unit.length > 0) units.push(unit);
  }
  return units;
}

/** The NAL units as one access unit. */
export function withLengths(units: readonly Buffer[]): Buffer {
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.allocUnsafe(LENGTH_BYTES);
      length.writeUInt32BE(unit.length);
      return [length, unit];
    }),
  );
}

/** A unit ends with a one bit; zeros after it belong to the next start code, or to nothing. */
function withoutTrailingZeros(bytes: Buffer): Buffer {
  let { length } = bytes;
  while (length > 0 && bytes[length - 1] === 0) length -= 1;
  return bytes.subarray(0, length);
}

/** The NAL units of an access unit; what does not fit into it at its end is left out. */
export function splitLengths(bytes: Buffer, start = 0): Buffer[] {
  const units: Buffer[] = [];
  for (let at = start; at + LENGTH_BYTES <= bytes.length; ) {
    const from = at + LENGTH_BYTES;
    at = from + bytes.readUInt32BE(at);
    if (at > bytes.length) break;
    units.push(bytes.subarray(from, at));
  }
  return units;
}
