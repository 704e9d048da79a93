/**
 * EBML, Matroska's binary XML.
 *
 * @see RFC 8794
 */

/** Matroska's elements (RFC 9559), with the marker bits of their length. */
export const Id = {
  ebml: 0x1a45dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  void: 0xec,
  crc32: 0xbf,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagDefault: 0x88,
  flagLacing: 0x9c,
  defaultDuration: 0x23e383,
  name: 0x536e,
  language: 0x22b59c,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  audio: 0xe1,
  samplingFrequency: 0xb5,
  channels: 0x9f,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTime: 0xb3,
  cueTrackPositions: 0xb7,
  cueTrack: 0xf7,
  cueClusterPosition: 0xf1,
  chapters: 0x1043a770,
  editionEntry: 0x45b9,
  chapterAtom: 0xb6,
  chapterUid: 0x73c4,
  chapterTimeStart: 0x91,
  chapterDisplay: 0x80,
  chapString: 0x85,
  chapLanguage: 0x437c,
} as const;

/** An element's size of eight bytes that says that it is not known yet. */
export const UNKNOWN_SIZE = Buffer.from('01ffffffffffffff', 'hex');
const MAX_SIZE_BYTES = 8;

/** An element with these contents. */
export function element(id: number, ...contents: readonly Buffer[]): Buffer {
  const size = contents.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([idBytes(id), sizeBytes(size), ...contents]);
}

export function uint(id: number, value: number): Buffer {
  let bytes = 1;
  while (value >= 2 ** (8 * bytes)) bytes++;
  const content = Buffer.alloc(8);
  content.writeBigUInt64BE(BigInt(value));
  return element(id, content.subarray(8 - bytes));
}

export function float(id: number, value: number): Buffer {
  const content = Buffer.alloc(8);
  content.writeDoubleBE(value);
  return element(id, content);
}

export function text(id: number, value: string): Buffer {
  return element(id, Buffer.from(value));
}

/** What readers pass over, of this size in all, from 9 bytes on. */
export function voidOf(bytes: number): Buffer {
  const content = Buffer.alloc(bytes - 1 - MAX_SIZE_BYTES);
  return Buffer.concat([idBytes(Id.void), sizeBytes(content.length, MAX_SIZE_BYTES), content]);
}

export function idBytes(id: number): Buffer {
  let bytes = 1;
  while (id >= 2 ** (8 * bytes)) bytes++;
  const out = Buffer.allocUnsafe(bytes);
  out.writeUIntBE(id, 0, bytes);
  return out;
}

/** @param bytes how many it takes; by default as few as possible */
export function sizeBytes(size: number, bytes = shortestSize(size)): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE((1n << BigInt(7 * bytes)) | BigInt(size));
  return out.subarray(8 - bytes);
}

/** All ones mean an unknown size. */
function shortestSize(size: number): number {
  let bytes = 1;
  while (size >= 2 ** (7 * bytes) - 1) bytes++;
  return bytes;
}

export interface ElementHeader {
  readonly id: number;
  /** Of its contents; undefined if unknown. */
  readonly size: number | undefined;
  readonly headerBytes: number;
}

/** The most that an element's header takes, bytes. */
export const MAX_HEADER_BYTES = 4 + MAX_SIZE_BYTES;

/** @returns undefined if it is cut off or invalid */
export function readHeader(bytes: Buffer, at = 0): ElementHeader | undefined {
  const idLength = vintLength(bytes[at]);
  if (idLength === undefined || idLength > 4) return undefined;
  const sizeAt = at + idLength;
  const sizeLength = vintLength(bytes[sizeAt]);
  if (sizeLength === undefined || sizeAt + sizeLength > bytes.length) return undefined;
  let size = (bytes[sizeAt] ?? 0) & (0xff >> sizeLength);
  let isUnknown = size === 0xff >> sizeLength;
  for (let n = 1; n < sizeLength; n++) {
    const byte = bytes[sizeAt + n] ?? 0;
    isUnknown &&= byte === 0xff;
    size = size * 256 + byte;
  }
  if (!isUnknown && !Number.isSafeInteger(size)) return undefined;
  return {
    id: bytes.readUIntBE(at, idLength),
    size: isUnknown ? undefined : size,
    headerBytes: idLength + sizeLength,
  };
}

/** From the number of zeros that its first byte begins with. */
function vintLength(first: number | undefined): number | undefined {
  return first === undefined || first === 0 ? undefined : Math.clz32(first) - 23;
}

export interface Element {
  readonly id: number;
  readonly content: Buffer;
  /** Of its header, in the bytes that were read. */
  readonly position: number;
}

/** The whole elements of these contents, up to the first one that is cut off or invalid; `isWhole` says whether there is none. */
export function childrenOf(bytes: Buffer): { readonly children: Element[]; readonly isWhole: boolean } {
  const children: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = readHeader(bytes, at);
    if (header?.size === undefined) break;
    const from = at + header.headerBytes;
    const end = from + header.size;
    if (end > bytes.length) break;
    children.push({ id: header.id, content: bytes.subarray(from, end), position: at });
    at = end;
  }
  return { children, isWhole: at === bytes.length };
}

/** Of an unsigned integer's contents; 0 if they are too long. */
export function uintOf(content: Buffer | undefined): number {
  if (content === undefined || content.length > 8) return 0;
  let value = 0;
  for (const byte of content) value = value * 256 + byte;
  return value;
}
