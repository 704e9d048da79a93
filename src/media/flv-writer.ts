import type { StreamTag } from './stream-tag.js';

const TAG_HEADER_BYTES = 11;
const PREVIOUS_TAG_SIZE_BYTES = 4;
const AUDIO = 8;
const VIDEO = 9;
const SCRIPT = 18;

/** The header of a file with sound and video, and the size of the tag before the first: 0. */
export const FLV_PREAMBLE = Buffer.from([0x46, 0x4c, 0x56, 1, 0b101, 0, 0, 0, 9, 0, 0, 0, 0]);

/**
 * A tag as a file or a stream has it, with its size behind it.
 *
 * @see Adobe Flash Video File Format Specification 10.1, E.4.1.
 */
export function flvTag({
  kind,
  timestampMs,
  payload,
}: Pick<StreamTag, 'kind' | 'timestampMs' | 'payload'>): Buffer {
  const size = TAG_HEADER_BYTES + payload.length;
  const bytes = Buffer.allocUnsafe(size + PREVIOUS_TAG_SIZE_BYTES);
  const ms = timestampMs >>> 0;
  bytes[0] = kind === 'metadata' ? SCRIPT : kind === 'audio' || kind === 'audio-header' ? AUDIO : VIDEO;
  bytes.writeUIntBE(payload.length, 1, 3);
  bytes.writeUIntBE(ms & 0xffffff, 4, 3);
  bytes[7] = ms >>> 24;
  bytes.writeUIntBE(0, 8, 3);
  payload.copy(bytes, TAG_HEADER_BYTES);
  bytes.writeUInt32BE(size, size);
  return bytes;
}
