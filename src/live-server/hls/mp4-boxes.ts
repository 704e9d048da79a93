/** Boxes of ISO/IEC 14496-12 for fragmented MP4 with one video and one audio track. */

const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const size = parts.reduce((sum, { length }) => sum + length, 8);
  return Buffer.concat([u32(size), Buffer.from(type, 'latin1'), ...parts], size);
}

export function fullBox(type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, u32(((version << 24) | flags) >>> 0), ...parts);
}

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, index * 2);
  return bytes;
}

export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

export interface TrackBox {
  readonly id: number;
  readonly kind: 'video' | 'audio';
  /** Units a second. */
  readonly timescale: number;
  /** Pixels; 0 for sound. */
  readonly width: number;
  readonly height: number;
  /** A box that describes the coding of the media. */
  readonly sampleEntry: Buffer;
}

/** `ftyp` and `moov` of a file whose samples are in fragments. */
export function initialBoxes(tracks: readonly TrackBox[]): Buffer {
  const nextId = Math.max(...tracks.map(({ id }) => id)) + 1;
  const movie = box(
    'moov',
    fullBox(
      'mvhd',
      0,
      0,
      u32(0, 0, 1000, 0, 0x10000),
      u16(0x100, 0),
      u32(0, 0),
      UNITY_MATRIX,
      Buffer.alloc(24),
      u32(nextId),
    ),
    ...tracks.map(track),
    box('mvex', ...tracks.map(({ id }) => fullBox('trex', 0, 0, u32(id, 1, 0, 0, 0)))),
  );
  return Buffer.concat([
    box('ftyp', Buffer.from('iso6', 'latin1'), u32(0), Buffer.from('iso6mp41', 'latin1')),
    movie,
  ]);
}

function track({ id, kind, timescale, width, height, sampleEntry }: TrackBox): Buffer {
  const isVideo = kind === 'video';
  const header = fullBox(
    'tkhd',
    0,
    3,
    u32(0, 0, id, 0, 0, 0, 0),
    u16(0, 0, isVideo ? 0 : 0x100, 0),
    UNITY_MATRIX,
    u32(width * 0x10000, height * 0x10000),
  );
  const handler = fullBox(
    'hdlr',
    0,
    0,
    u32(0),
    Buffer.from(isVideo ? 'vide' : 'soun', 'latin1'),
    Buffer.alloc(12),
    Buffer.from(`${kind}\0`, 'latin1'),
  );
  const samples = box(
    'stbl',
    fullBox('stsd', 0, 0, u32(1), sampleEntry),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  );
  const information = box(
    'minf',
    isVideo ? fullBox('vmhd', 0, 1, Buffer.alloc(8)) : fullBox('smhd', 0, 0, Buffer.alloc(4)),
    box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
    samples,
  );
  const media = box(
    'mdia',
    // Unknown language: "und".
    fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(0x55c4, 0)),
    handler,
    information,
  );
  return box('trak', header, media);
}

/** @param configuration an AVCDecoderConfigurationRecord */
export function avcSampleEntry(width: number, height: number, configuration: Buffer): Buffer {
  return box(
    'avc1',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(0x18, 0xffff),
    box('avcC', configuration),
  );
}

/** @param configuration an AudioSpecificConfig */
export function aacSampleEntry(sampleRate: number, channels: number, configuration: Buffer): Buffer {
  const decoder = descriptor(4, Buffer.from([0x40, 0x15, 0, 0, 0]), u32(0, 0), descriptor(5, configuration));
  const stream = descriptor(3, u16(0), Buffer.from([0]), decoder, descriptor(6, Buffer.from([2])));
  return box(
    'mp4a',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(8),
    u16(channels, 16, 0, 0),
    u32(sampleRate * 0x10000),
    fullBox('esds', 0, 0, stream),
  );
}

/** ISO/IEC 14496-1 8.3.3: lengths of four bytes. */
function descriptor(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  return Buffer.concat([
    Buffer.from([tag, 0x80 | (length >> 21), 0x80 | (length >> 14), 0x80 | (length >> 7), length & 0x7f]),
    body,
  ]);
}

export interface Sample {
  readonly data: Buffer;
  /** In units of the track's timescale. */
  readonly duration: number;
  /** PTS − DTS, in the same units. */
  readonly compositionOffset: number;
  readonly isSync: boolean;
}

export interface TrackRun {
  readonly trackId: number;
  /** DTS of the first sample, in units of the track's timescale. */
  readonly baseTime: number;
  readonly samples: readonly Sample[];
}

const DEFAULT_BASE_IS_MOOF = 0x20000;
/** Data offset, and the duration, size, flags and composition offset of each sample. */
const RUN_FLAGS = 0x1 | 0x100 | 0x200 | 0x400 | 0x800;
const SYNC_SAMPLE = 0x2000000;
const OTHER_SAMPLE = 0x1010000;

/** `moof` and `mdat` with these runs. */
export function fragment(sequence: number, runs: readonly TrackRun[]): Buffer {
  const data = runs.flatMap(({ samples }) => samples.map(({ data: bytes }) => bytes));
  const fragmentBox = (dataAt: number) => {
    let offset = dataAt;
    const parts = runs.map((run) => {
      const part = trackFragment(run, offset);
      offset += run.samples.reduce((sum, { data: { length } }) => sum + length, 0);
      return part;
    });
    return box('moof', fullBox('mfhd', 0, 0, u32(sequence)), ...parts);
  };
  const headerBytes = 8;
  return Buffer.concat([fragmentBox(fragmentBox(0).length + headerBytes), box('mdat', ...data)]);
}

function trackFragment({ trackId, baseTime, samples }: TrackRun, dataOffset: number): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(Math.max(0, baseTime)));
  const table = samples.map(({ data, duration, compositionOffset, isSync }) =>
    u32(duration, data.length, isSync ? SYNC_SAMPLE : OTHER_SAMPLE, compositionOffset),
  );
  return box(
    'traf',
    fullBox('tfhd', 0, DEFAULT_BASE_IS_MOOF, u32(trackId)),
    fullBox('tfdt', 1, 0, time),
    fullBox('trun', 1, RUN_FLAGS, u32(samples.length, dataOffset), ...table),
  );
}
