/**
 * Raw frames with exact timestamps for ffmpeg's stdin: a Matroska stream with one uncompressed track. Unlike raw video, slots
 * may be left out, and a program that waits for its first frame already knows its size.
 *
 * @see RFC 9559 (Matroska), RFC 8794 (EBML).
 */

export interface RawVideoFormat {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

const UNKNOWN_SIZE = Buffer.from('01ffffffffffffff', 'hex');
/** A block of a single frame without lacing; it can be decoded alone. */
const SIMPLE_BLOCK_FLAGS = 0x80;
const TRACK = 1;
const CLUSTER = Buffer.from('1f43b675', 'hex');
const TIMESTAMP = Buffer.from('e7', 'hex');
const SIMPLE_BLOCK = Buffer.from('a3', 'hex');
const VINT_BYTES = 8;
const TIMESTAMP_BYTES = TIMESTAMP.length + VINT_BYTES + 8;
const BLOCK_HEADER_BYTES = 4;
const CLUSTER_HEADER_BYTES =
  CLUSTER.length + VINT_BYTES + TIMESTAMP_BYTES + SIMPLE_BLOCK.length + VINT_BYTES + BLOCK_HEADER_BYTES;

/** What precedes the first frame: planar 4:2:0, timestamps in ms. */
export function matroskaHeader(format: RawVideoFormat): Buffer {
  return headerOf(format, [element('86', text('V_UNCOMPRESSED'))], [element('2eb524', text('I420'))]);
}

/** The same of frames that are PNG images. */
export function pngMatroskaHeader(format: RawVideoFormat): Buffer {
  // Matroska has no name for PNG, but takes those of AVI: BITMAPINFOHEADER.
  const info = Buffer.alloc(40);
  info.writeUInt32LE(info.length, 0);
  info.writeUInt32LE(format.width, 4);
  info.writeUInt32LE(format.height, 8);
  info.writeUInt16LE(1, 12);
  info.writeUInt16LE(32, 14);
  info.write('MPNG', 16, 'latin1');
  return headerOf(format, [element('86', text('V_MS/VFW/FOURCC')), element('63a2', info)], []);
}

function headerOf(
  { width, height, fps }: RawVideoFormat,
  codec: readonly Buffer[],
  colour: readonly Buffer[],
): Buffer {
  const ebml = element(
    '1a45dfa3',
    element('4282', text('matroska')),
    element('4287', number(4)),
    element('4285', number(2)),
  );
  const info = element('1549a966', element('2ad7b1', number(1_000_000)));
  const track = element(
    'ae',
    element('d7', number(TRACK)),
    element('73c5', number(TRACK)),
    element('83', number(1)),
    ...codec,
    element('23e383', number(Math.round(1e9 / fps))),
    element('e0', element('b0', number(width)), element('ba', number(height)), ...colour),
  );
  return Buffer.concat([
    ebml,
    Buffer.from('18538067', 'hex'),
    UNKNOWN_SIZE,
    info,
    element('1654ae6b', track),
  ]);
}

/**
 * What precedes each frame's bytes.
 *
 * @param timestampMs a whole number
 * @param bytes the frame's length
 */
export function clusterHeader(timestampMs: number, bytes: number): Buffer {
  const header = Buffer.allocUnsafe(CLUSTER_HEADER_BYTES);
  let at = CLUSTER.copy(header);
  at = writeVint(header, at, CLUSTER_HEADER_BYTES - CLUSTER.length - VINT_BYTES + bytes);
  at += TIMESTAMP.copy(header, at);
  at = writeVint(header, at, 8);
  at = header.writeBigUInt64BE(BigInt(timestampMs), at);
  at += SIMPLE_BLOCK.copy(header, at);
  at = writeVint(header, at, BLOCK_HEADER_BYTES + bytes);
  header[at++] = 0x80 | TRACK;
  at = header.writeInt16BE(0, at);
  header[at] = SIMPLE_BLOCK_FLAGS;
  return header;
}

function element(id: string, ...content: readonly Buffer[]): Buffer {
  const size = Buffer.alloc(VINT_BYTES);
  writeVint(
    size,
    0,
    content.reduce((sum, { length }) => sum + length, 0),
  );
  return Buffer.concat([Buffer.from(id, 'hex'), size, ...content]);
}

function writeVint(target: Buffer, at: number, value: number): number {
  return target.writeBigUInt64BE(0x01_00_00_00_00_00_00_00n | BigInt(value), at);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}
