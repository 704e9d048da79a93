const TAG_HEADER_BYTES = 11;
const PREVIOUS_TAG_SIZE_BYTES = 4;
const TYPES = { audio: 8, video: 9, metadata: 18 } as const;

/** The header of a file with sound and video, and the size of the tag before the first: 0. */
export const FLV_PREAMBLE = Buffer.from([0x46, 0x4c, 0x56, 1, 0b101, 0, 0, 0, 9, 0, 0, 0, 0]);

/**
 * A tag as a file or a stream has it, with its size behind it.
 *
 * @see Adobe Flash Video File Format Specification 10.1, E.4.1.
 */
export function flvTag(carrier: keyof typeof TYPES, timestampMs: number, payload: Buffer): Buffer {
  const size = TAG_HEADER_BYTES + payload.length;
  const bytes = Buffer.allocUnsafe(size + PREVIOUS_TAG_SIZE_BYTES);
  const ms = timestampMs >>> 0;
  bytes[0] = TYPES[carrier];
  bytes.writeUIntBE(payload.length, 1, 3);
  bytes.writeUIntBE(ms & 0xffffff, 4, 3);
  bytes[7] = ms >>> 24;
  bytes.writeUIntBE(0, 8, 3);
  payload.copy(bytes, TAG_HEADER_BYTES);
  bytes.writeUInt32BE(size, size);
  return bytes;
}
