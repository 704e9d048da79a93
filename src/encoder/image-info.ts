import { closeSync, openSync, readSync } from 'node:fs';

/** What an image file's first bytes say. */
export interface ImageInfo {
  /** ffmpeg's demuxer for it, which takes no part of the name for a pattern; undefined for other formats. */
  readonly demuxer?: string;
  /** EXIF's orientation, from 1 (upright) to 8. */
  readonly orientation: number;
}

/** A camera's EXIF data, with its preview image, is a segment of at most 64 KiB after at most one other. */
const HEAD_BYTES = 192 * 1024;
const ORIENTATION_TAG = 0x112;
const MAX_SEGMENTS = 64;

/** Reads the first bytes of the file. Throws like `openSync` if it cannot be read. */
export function readImageInfo(path: string): ImageInfo {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, 'r');
  try {
    return parseImageInfo(head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0)));
  } finally {
    closeSync(file);
  }
}

/** @param head the file's first bytes; what it says about itself is not trusted */
export function parseImageInfo(head: Buffer): ImageInfo {
  const startsWith = (text: string, at = 0) => head.toString('latin1', at, at + text.length) === text;
  if (startsWith('\xff\xd8\xff')) return { demuxer: 'jpeg_pipe', orientation: jpegOrientation(head) };
  const demuxer = startsWith('\x89PNG')
    ? 'png_pipe'
    : startsWith('RIFF') && startsWith('WEBP', 8)
      ? 'webp_pipe'
      : startsWith('GIF8')
        ? 'gif'
        : startsWith('BM')
          ? 'bmp_pipe'
          : startsWith('II*\0') || startsWith('MM\0*')
            ? 'tiff_pipe'
            : undefined;
  if (demuxer === undefined) return { orientation: 1 };
  return { demuxer, orientation: demuxer === 'tiff_pipe' ? tiffOrientation(head) : 1 };
}

/** From the segment APP1 of a JPEG file (JEITA CP-3451, 4.7). */
function jpegOrientation(head: Buffer): number {
  let at = 2;
  for (let segments = 0; segments < MAX_SEGMENTS && at + 4 <= head.length; segments++) {
    const marker = head.readUInt16BE(at);
    const length = head.readUInt16BE(at + 2);
    // The scan follows: no more segments.
    if (marker < 0xffc0 || marker === 0xffda || length < 2) return 1;
    const body = head.subarray(at + 4, at + 2 + length);
    if (marker === 0xffe1 && body.toString('latin1', 0, 6) === 'Exif\0\0') {
      return tiffOrientation(body.subarray(6));
    }
    at += 2 + length;
  }
  return 1;
}

/** From the first directory of a TIFF structure, as EXIF data is. */
function tiffOrientation(tiff: Buffer): number {
  if (tiff.length < 10) return 1;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return 1;
  const entries = u16(directory);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + entry * 12;
    if (at + 12 > tiff.length) return 1;
    if (u16(at) !== ORIENTATION_TAG) continue;
    const value = u16(at + 8);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
