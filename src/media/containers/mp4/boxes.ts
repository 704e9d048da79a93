/**
 * Boxes of the ISO base media file format.
 *
 * @see ISO/IEC 14496-12 4.2
 */

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;
/** In place of a size: it follows in eight bytes. */
const IS_LARGE = 1;

export function box(type: string, ...contents: readonly Buffer[]): Buffer {
  const size = contents.reduce((sum, { length }) => sum + length, HEADER_BYTES);
  return Buffer.concat([u32(size), Buffer.from(type, 'latin1'), ...contents], size);
}

/** A box with a version and flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...contents: readonly Buffer[]
): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...contents);
}

/** The header of a box of this size, header included, in 16 bytes. */
export function largeHeader(type: string, size: number): Buffer {
  return Buffer.concat([u32(IS_LARGE), Buffer.from(type, 'latin1'), u64([size])]);
}

/** What readers pass over, of this size in all. */
export function free(bytes: number): Buffer {
  return box('free', Buffer.alloc(bytes - HEADER_BYTES));
}

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(2 * values.length);
  values.forEach((value, n) => {
    bytes.writeUInt16BE(value, 2 * n);
  });
  return bytes;
}

/** Negative ones in two's complement. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  values.forEach((value, n) => {
    bytes.writeUInt32BE(value >>> 0, 4 * n);
  });
  return bytes;
}

export function u64(values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(8 * values.length);
  values.forEach((value, n) => {
    bytes.writeBigInt64BE(BigInt(value), 8 * n);
  });
  return bytes;
}

export interface BoxHeader {
  readonly type: string;
  /** Header included. */
  readonly size: number;
  readonly headerBytes: number;
}

/** The most that a box's header takes, bytes. */
export const MAX_BOX_HEADER_BYTES = LARGE_HEADER_BYTES;

/** @returns undefined if it is cut off, invalid, or extends to the end of the file */
export function readBoxHeader(bytes: Buffer, at = 0): BoxHeader | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const type = bytes.toString('latin1', at + 4, at + HEADER_BYTES);
  const size = bytes.readUInt32BE(at);
  if (size !== IS_LARGE) return size < HEADER_BYTES ? undefined : { type, size, headerBytes: HEADER_BYTES };
  if (at + LARGE_HEADER_BYTES > bytes.length) return undefined;
  const large = Number(bytes.readBigUInt64BE(at + HEADER_BYTES));
  const isValid = Number.isSafeInteger(large) && large >= LARGE_HEADER_BYTES;
  return isValid ? { type, size: large, headerBytes: LARGE_HEADER_BYTES } : undefined;
}

export interface Box {
  readonly type: string;
  readonly content: Buffer;
  /** Of its header, in the bytes that were read. */
  readonly position: number;
}

/** The whole boxes of these contents. */
export function boxesOf(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  let at = 0;
  for (;;) {
    const header = readBoxHeader(bytes, at);
    if (header === undefined || at + header.size > bytes.length) return boxes;
    const content = bytes.subarray(at + header.headerBytes, at + header.size);
    boxes.push({ type: header.type, content, position: at });
    at += header.size;
  }
}

/** The contents of the first box that is found on this path of types; undefined if there is none. */
export function findBox(bytes: Buffer, ...path: readonly string[]): Buffer | undefined {
  let content: Buffer | undefined = bytes;
  for (const wanted of path)
    content = content && boxesOf(content).find(({ type }) => type === wanted)?.content;
  return content;
}
