const TAG_HEADER_BYTES = 11;
const PREVIOUS_TAG_SIZE_BYTES = 4;
const TYPES = { audio: 8, video: 9, metadata: 18 } as const;

/** The header of a file with audio and video, and PreviousTagSize0. */
export const FLV_PREAMBLE = Buffer.from([0x46, 0x4c, 0x56, 1, 0b101, 0, 0, 0, 9, 0, 0, 0, 0]);

/**
 * A tag as written to a file or a stream, followed by its size, in parts: the payload is not
 * copied.
 *
 * @param stream the tag's stream id: 0 in a file
 * @see Adobe Flash Video File Format Specification 10.1, E.4.1.
 */
export function flvTagParts(
  carrier: keyof typeof TYPES,
  timestampMs: number,
  payload: Buffer,
  stream = 0,
): readonly [Buffer, Buffer, Buffer] {
  const header = Buffer.allocUnsafe(TAG_HEADER_BYTES);
  const ms = timestampMs >>> 0;
  header[0] = TYPES[carrier];
  header.writeUIntBE(payload.length, 1, 3);
  header.writeUIntBE(ms & 0xffffff, 4, 3);
  header[7] = ms >>> 24;
  header.writeUIntBE(stream, 8, 3);
  const size = Buffer.allocUnsafe(PREVIOUS_TAG_SIZE_BYTES);
  size.writeUInt32BE(TAG_HEADER_BYTES + payload.length);
  return [header, payload, size];
}

/** The same in one buffer, with a copy of the payload. */
export function flvTag(carrier: keyof typeof TYPES, timestampMs: number, payload: Buffer): Buffer {
  return Buffer.concat(flvTagParts(carrier, timestampMs, payload));
}
