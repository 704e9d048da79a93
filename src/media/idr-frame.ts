import { BitReader, BitWriter, withEmulationPrevention, withoutEmulationPrevention } from './bits.js';
import { parseSliceFormat, type SliceFormat } from './sps.js';

const LENGTH_BYTES = 4;
const NAL_SLICE = 1;
const NAL_IDR_SLICE = 5;
const NAL_SEI = 6;
const NAL_SPS = 7;
const NAL_PPS = 8;
/** `slice_type` of a slice without references to other frames; plus 5 if all slices of the frame have this type. */
const I_SLICE = 2;
const SLICE_TYPES = 5;
/** Maximum size of a frame to rewrite, bytes; larger ones would take too long. */
const MAX_BYTES = 1024 * 1024;
const MAX_NAL_UNITS = 2048;
const MAX_MARKING_COMMANDS = 64;

/** The parts of a PPS needed to parse slice headers (H.264 7.3.2.2). */
interface PictureFormat {
  readonly isCabac: boolean;
  readonly bottomOrder: boolean;
  readonly redundantCount: boolean;
  readonly deblockingControl: boolean;
}

/**
 * Converts a keyframe's tag body to an IDR frame. With open GOPs keyframes are not IDR frames: earlier frames stay in the
 * decoder, and a repeated keyframe would replace another one. Only the slice headers are changed.
 *
 * @param start where the access unit begins; its SPS and PPS must be in it
 * @returns the body itself if it is an IDR frame; undefined if it cannot be converted
 * @see ITU-T H.264 7.3.3, 7.4.3
 */
export function asIdrFrame(payload: Buffer, start: number): Buffer | undefined {
  if (payload.length > MAX_BYTES) return undefined;
  const parts: Buffer[] = [payload.subarray(0, start)];
  let slices: SliceFormat | undefined;
  let picture: PictureFormat | undefined;
  let rewritten = 0;
  let units = 0;
  for (let at = start; at + LENGTH_BYTES < payload.length; ) {
    const end = at + LENGTH_BYTES + payload.readUInt32BE(at);
    units += 1;
    if (end > payload.length || end === at + LENGTH_BYTES || units > MAX_NAL_UNITS) return undefined;
    let nal: Buffer | undefined = payload.subarray(at + LENGTH_BYTES, end);
    const type = nal.readUInt8(0) & 0x1f;
    at = end;
    if (type === NAL_IDR_SLICE) return payload;
    // Its information about the frame, such as a recovery point, is no longer true.
    if (type === NAL_SEI) continue;
    if (type === NAL_SPS) slices = parseSliceFormat(nal);
    else if (type === NAL_PPS) picture = parsePps(nal);
    else if (type === NAL_SLICE) {
      nal = slices === undefined || picture === undefined ? undefined : asIdrSlice(nal, slices, picture);
      rewritten += 1;
    }
    if (nal === undefined) return undefined;
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(nal.length);
    parts.push(length, nal);
  }
  return rewritten === 0 ? undefined : Buffer.concat(parts);
}

/** @returns undefined if the PPS cannot be read, or has slice groups */
function parsePps(nal: Buffer): PictureFormat | undefined {
  const bits = new BitReader(withoutEmulationPrevention(nal.subarray(1)));
  bits.ue();
  bits.ue();
  const isCabac = bits.read(1) === 1;
  const bottomOrder = bits.read(1) === 1;
  if (bits.ue() !== 0) return undefined;
  bits.ue();
  bits.ue();
  bits.skip(3);
  bits.se();
  bits.se();
  bits.se();
  const deblockingControl = bits.read(1) === 1;
  bits.skip(1);
  const redundantCount = bits.read(1) === 1;
  return bits.overrun ? undefined : { isCabac, bottomOrder, redundantCount, deblockingControl };
}

/** @returns undefined for a slice that refers to other frames, belongs to a field, or cannot be read */
function asIdrSlice(nal: Buffer, format: SliceFormat, picture: PictureFormat): Buffer | undefined {
  const header = nal.readUInt8(0);
  const rbsp = withoutTrailingZeros(withoutEmulationPrevention(nal.subarray(1)));
  const bits = new BitReader(rbsp);
  // The header grows by 3 bits at most.
  const out = new BitWriter(rbsp.length + 2);
  out.ue(bits.ue());
  const type = bits.ue();
  if (type % SLICE_TYPES !== I_SLICE || (header & 0x60) === 0) return undefined;
  out.ue(type);
  out.ue(bits.ue());
  if (format.separatePlanes) out.write(bits.read(2), 2);
  bits.skip(format.frameNumBits);
  out.write(0, format.frameNumBits);
  if (!format.framesOnly) {
    if (bits.read(1) === 1) return undefined;
    out.write(0, 1);
  }
  out.ue(0);
  copyOrder(bits, out, format, picture);
  if (picture.redundantCount) out.ue(bits.ue());
  skipMarking(bits);
  // Earlier frames are not discarded, and it is not a long-term reference.
  out.write(0, 2);
  if (picture.isCabac) copyToData(bits, out, picture);
  if (bits.overrun) return undefined;
  out.copy(rbsp, bits.at);
  return Buffer.concat([
    Buffer.from([(header & 0xe0) | NAL_IDR_SLICE]),
    withEmulationPrevention(withoutTrailingZeros(out.finish())),
  ]);
}

/** Makes the frame the first in output order. */
function copyOrder(
  bits: BitReader,
  out: BitWriter,
  format: SliceFormat,
  { bottomOrder }: PictureFormat,
): void {
  if (format.orderType === 0) {
    bits.skip(format.orderBits);
    out.write(0, format.orderBits);
  } else if (format.orderType !== 1 || format.orderAlwaysZero) {
    return;
  } else {
    bits.se();
    out.ue(0);
  }
  if (!bottomOrder) return;
  bits.se();
  out.ue(0);
}

/** `dec_ref_pic_marking` of a frame that is not an IDR frame. */
function skipMarking(bits: BitReader): void {
  if (bits.read(1) === 0) return;
  for (let count = 0; count < MAX_MARKING_COMMANDS && !bits.overrun; count++) {
    const command = bits.ue();
    if (command === 0) return;
    if (command !== 5) bits.ue();
    if (command === 3) bits.ue();
  }
}

/** The rest of the header, and the one bits that pad it to whole bytes. */
function copyToData(bits: BitReader, out: BitWriter, { deblockingControl }: PictureFormat): void {
  const from = bits.at;
  bits.se();
  if (deblockingControl && bits.ue() !== 1) {
    bits.se();
    bits.se();
  }
  const to = bits.at;
  for (bits.at = from; bits.at < to && !bits.overrun; ) out.write(bits.read(1), 1);
  while (bits.at % 8 !== 0) bits.skip(1);
  while (!out.isAligned) out.write(1, 1);
}

function withoutTrailingZeros(bytes: Buffer): Buffer {
  let { length } = bytes;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return bytes.subarray(0, length);
}
