import { withEmulationPrevention, withoutEmulationPrevention } from './bits.js';

/**
 * Supplemental enhancement information: what decoders may ignore, in a NAL unit of its own before the frame's slices.
 *
 * @see ITU-T H.264 7.3.2.3, D.1.7; ITU-T H.265 7.3.2.4, D.2.7
 */

export type SeiCodec = 'h264' | 'hevc';

/** Headers of its NAL unit: type 6 of H.264, and the prefix type 39 of HEVC in the base layer. */
const NAL_HEADERS: Readonly<Record<SeiCodec, Buffer>> = {
  h264: Buffer.from([6]),
  hevc: Buffer.from([39 << 1, 1]),
};
const USER_DATA_UNREGISTERED = 5;
const UUID_BYTES = 16;
/** A one bit, then zeros up to the byte's end. */
const TRAILING_BITS = Buffer.from([0x80]);
const LENGTH_BYTES = 4;
/** More than any valid frame has; the rest is not examined. */
const MAX_NAL_UNITS = 2048;

export interface UserData {
  readonly uuid: Buffer;
  readonly data: Buffer;
}

/** A NAL unit with one message `user_data_unregistered`, without its length. */
export function userDataSei(codec: SeiCodec, { uuid, data }: UserData): Buffer {
  const size = UUID_BYTES + data.length;
  const message = [USER_DATA_UNREGISTERED, ...Array<number>(Math.floor(size / 255)).fill(255), size % 255];
  const payload = Buffer.concat([Buffer.from(message), uuid, data, TRAILING_BITS]);
  return Buffer.concat([NAL_HEADERS[codec], withEmulationPrevention(payload)]);
}

/** The `user_data_unregistered` of a NAL unit; none if it is no SEI, or is damaged. */
export function readUserData(codec: SeiCodec, nal: Buffer): UserData[] {
  const header = NAL_HEADERS[codec];
  if (nal.length <= header.length || typeOf(codec, nal.readUInt8(0)) !== typeOf(codec, header.readUInt8(0)))
    return [];
  const bytes = withoutEmulationPrevention(nal.subarray(header.length));
  const found: UserData[] = [];
  let at = 0;
  const number = () => {
    let value = 0;
    for (; bytes[at] === 255; at++) value += 255;
    return value + (bytes[at++] ?? 0);
  };
  // The last byte has the trailing bits.
  while (at < bytes.length - 1) {
    const type = number();
    const size = number();
    const message = bytes.subarray(at, at + size);
    at += size;
    if (message.length < size) break;
    if (type === USER_DATA_UNREGISTERED && size >= UUID_BYTES)
      found.push({ uuid: message.subarray(0, UUID_BYTES), data: message.subarray(UUID_BYTES) });
  }
  return found;
}

/**
 * Adds a NAL unit to a frame, before its first slice: after the delimiter and the parameter sets, and after messages that have to be first.
 *
 * @param start where the access unit begins, each NAL unit preceded by its length in four bytes
 * @returns the payload itself if it has no slice
 */
export function withUnitBeforeSlices(payload: Buffer, start: number, codec: SeiCodec, unit: Buffer): Buffer {
  let at = start;
  for (let units = 0; units < MAX_NAL_UNITS && at + LENGTH_BYTES < payload.length; units++) {
    if (isSlice(codec, payload.readUInt8(at + LENGTH_BYTES))) {
      const length = Buffer.allocUnsafe(LENGTH_BYTES);
      length.writeUInt32BE(unit.length);
      return Buffer.concat([payload.subarray(0, at), length, unit, payload.subarray(at)]);
    }
    at += LENGTH_BYTES + payload.readUInt32BE(at);
  }
  return payload;
}

function typeOf(codec: SeiCodec, header: number): number {
  return codec === 'h264' ? header & 0x1f : (header >> 1) & 0x3f;
}

function isSlice(codec: SeiCodec, header: number): boolean {
  const type = typeOf(codec, header);
  return codec === 'h264' ? type >= 1 && type <= 5 : type < 32;
}
