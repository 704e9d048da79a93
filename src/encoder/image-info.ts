import { closeSync, openSync, readSync } from 'node:fs';

/** What an image file's first bytes say. */
export interface ImageInfo {
  /** ffmpeg's demuxer for it, which takes no part of the name for a pattern; undefined for other formats. */
  readonly demuxer?: string;
  /** EXIF's orientation, from 1 (upright) to 8. */
  readonly orientation: number;
  /** It may be transparent. */
  readonly alpha: boolean;
  /** Undefined if it was not found. */
  readonly size?: ImageSize;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** A camera's EXIF data, with its preview image, is a segment of at most 64 KiB after at most one other. */
const HEAD_BYTES = 192 * 1024;
const WIDTH_TAG = 0x100;
const HEIGHT_TAG = 0x101;
const ORIENTATION_TAG = 0x112;
/** TIFF's type of a number of 32 bits. */
const LONG = 4;
/** JPEG's start of a frame: SOF0 to SOF15, without the tables DHT, JPG and DAC. */
const FRAME_HEADERS = new Set([0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15].map((type) => 0xffc0 + type));
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
  if (startsWith('\xff\xd8\xff')) return { demuxer: 'jpeg_pipe', alpha: false, ...jpegInfo(head) };
  if (startsWith('\x89PNG')) return pngInfo(head);
  const found = { orientation: 1, alpha: true };
  if (startsWith('RIFF') && startsWith('WEBP', 8)) {
    return { ...found, demuxer: 'webp_pipe', ...(startsWith('VP8 ', 12) ? { alpha: false } : {}) };
  }
  if (startsWith('GIF8')) return { ...found, demuxer: 'gif' };
  if (startsWith('BM')) return { ...found, demuxer: 'bmp_pipe' };
  if (startsWith('II*\0') || startsWith('MM\0*'))
    return { ...found, demuxer: 'tiff_pipe', ...tiffInfo(head) };
  return found;
}

/** From its header IHDR; the transparency of other colour types than 4 and 6 stands before the first IDAT. */
function pngInfo(head: Buffer): ImageInfo {
  const info = { demuxer: 'png_pipe', orientation: 1, alpha: true };
  if (head.length < 26) return info;
  const pixels = head.indexOf('IDAT', 0, 'latin1');
  const colourType = head[25] ?? 0;
  const transparency = head.subarray(0, pixels < 0 ? undefined : pixels).includes('tRNS', 0, 'latin1');
  return {
    ...info,
    alpha: colourType >= 4 || transparency || pixels < 0,
    size: { width: head.readUInt32BE(16), height: head.readUInt32BE(20) },
  };
}

/** From the segments APP1 (JEITA CP-3451, 4.7) and SOF (ITU-T T.81, B.2.2). */
function jpegInfo(head: Buffer): Pick<ImageInfo, 'orientation' | 'size'> {
  let orientation = 1;
  let at = 2;
  for (let segments = 0; segments < MAX_SEGMENTS && at + 4 <= head.length; segments++) {
    const marker = head.readUInt16BE(at);
    const length = head.readUInt16BE(at + 2);
    // The scan follows: no more segments.
    if (marker < 0xffc0 || marker === 0xffda || length < 2) break;
    const body = head.subarray(at + 4, at + 2 + length);
    if (marker === 0xffe1 && body.toString('latin1', 0, 6) === 'Exif\0\0') {
      orientation = tiffInfo(body.subarray(6)).orientation;
    }
    if (FRAME_HEADERS.has(marker) && body.length >= 5) {
      return { orientation, size: { width: body.readUInt16BE(3), height: body.readUInt16BE(1) } };
    }
    at += 2 + length;
  }
  return { orientation };
}

/** From the first directory of a TIFF structure, as EXIF data is. */
function tiffInfo(tiff: Buffer): Pick<ImageInfo, 'orientation' | 'size'> {
  const found = new Map<number, number>();
  if (tiff.length >= 10) {
    const little = tiff.toString('latin1', 0, 2) === 'II';
    const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
    const u32 = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
    const directory = u32(4);
    const entries = directory + 2 <= tiff.length ? u16(directory) : 0;
    for (let entry = 0; entry < entries; entry++) {
      const at = directory + 2 + entry * 12;
      if (at + 12 > tiff.length) break;
      found.set(u16(at), u16(at + 2) === LONG ? u32(at + 8) : u16(at + 8));
    }
  }
  const orientation = found.get(ORIENTATION_TAG) ?? 1;
  const [width, height] = [found.get(WIDTH_TAG), found.get(HEIGHT_TAG)];
  return {
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    ...(width === undefined || height === undefined ? {} : { size: { width, height } }),
  };
}
