import { crc32 } from 'node:zlib';
import type { Continuation } from './chunked-writer.js';
import type { ReadableFile, ScannedFile, ScannedTrack } from './container.js';
import { childrenOf, type ElementHeader, Id, MAX_HEADER_BYTES, readHeader, uintOf } from './ebml.js';
import {
  BLOCK_FLAGS,
  CODEC_IDS,
  hasMainVideo,
  LAST_TIME_BYTES,
  MatroskaIndex,
  NS_PER_MS,
} from './matroska-index.js';
import { type Chapter, decodeNote, MAX_NOTE_BYTES } from './notes.js';
import { formatOf, numberOf, type TrackFormat, trackOfNumber, validFrameMs } from './tracks.js';

/** Enough for a cluster's beginning, up to the flags of its first block. */
const LOOK_BYTES = 64;
const MAX_HEAD_BYTES = 4 << 20;
const MAX_CLUSTER_BYTES = 64 << 20;
/** Clusters at the end whose checksums are verified at once: what a power cut may have torn. */
const CHECKED_CLUSTERS = 16;

/** A file of {@link scanMatroska}, with what going on with it takes. */
export class MatroskaScan implements ScannedFile {
  constructor(
    readonly wholeBytes: number,
    readonly isComplete: boolean,
    readonly tracks: readonly ScannedTrack[],
    readonly continuation: Continuation,
    readonly index: MatroskaIndex,
  ) {}

  get startMs(): number {
    return this.continuation.startMs;
  }

  get endMs(): number {
    return this.index.endMs;
  }
}

/** Finds the whole clusters of a file of this program. */
export async function scanMatroska(file: ReadableFile): Promise<MatroskaScan | undefined> {
  const walk = new Walk(file);
  return (await walk.head()) && (await walk.clusters()) ? walk.result() : undefined;
}

/** What is known of a track's frames, in the file's own time. */
interface LastTimes {
  readonly dtsMs: Map<number, number>;
  readonly ptsMs: Map<number, number>;
}

class Walk {
  private readonly index = new MatroskaIndex();
  private readonly formats = new Map<number, TrackFormat>();
  private readonly positions: number[] = [];
  private chapters: (Chapter & { readonly position: number })[] = [];
  private startMs: number | undefined;
  private at = 0;
  private isSized = false;

  constructor(private readonly file: ReadableFile) {}

  /** @returns whether it is such a file */
  async head(): Promise<boolean> {
    const ebml = await this.headerAt(0);
    if (ebml?.id !== Id.ebml || ebml.size === undefined || ebml.size > LOOK_BYTES) return false;
    const { children } = childrenOf(await this.file.read(ebml.headerBytes, ebml.size));
    const docType = children.find(({ id }) => id === Id.docType)?.content.toString('latin1');
    const segmentAt = ebml.headerBytes + ebml.size;
    const segment = await this.headerAt(segmentAt);
    if (docType !== 'matroska' || segment?.id !== Id.segment || segment.headerBytes !== MAX_HEADER_BYTES)
      return false;
    const contentAt = segmentAt + segment.headerBytes;
    this.isSized = segment.size !== undefined && contentAt + segment.size <= this.file.size;
    this.at = contentAt;
    return await this.description(segmentAt + 4, contentAt);
  }

  /** Reads up to the first note, which says where the file begins on the broadcast's timeline. */
  private async description(sizeAt: number, contentAt: number): Promise<boolean> {
    const places = { infoAt: 0, durationAt: 0, tracksAt: 0 };
    while (this.startMs === undefined) {
      const header = await this.headerAt(this.at);
      if (header?.size === undefined || header.size > MAX_HEAD_BYTES) return false;
      const contentsAt = this.at + header.headerBytes;
      const content = await this.file.read(contentsAt, header.size);
      if (content.length < header.size) return false;
      if (header.id === Id.info) {
        places.infoAt = this.at;
        const { children } = childrenOf(content);
        const duration = children.find(({ id }) => id === Id.void || id === Id.duration);
        places.durationAt = contentsAt + (duration?.position ?? 0);
      } else if (header.id === Id.tracks) {
        places.tracksAt = this.at;
        if (!this.readTracks(content)) return false;
      } else if (header.id === Id.void) {
        const note = decodeNote(content);
        if (note !== undefined && 'startMs' in note) this.startMs = note.startMs;
      } else if (header.id !== Id.seekHead) return false;
      this.at = contentsAt + header.size;
    }
    this.index.layout = { sizeAt, contentAt, seekHeadAt: contentAt, ...places };
    this.index.hasMainVideo = hasMainVideo([...this.formats.values()]);
    return places.infoAt > 0 && places.tracksAt > 0;
  }

  private readTracks(content: Buffer): boolean {
    for (const entry of childrenOf(content).children) {
      const { children } = childrenOf(entry.content);
      const find = (wanted: number) => children.find(({ id }) => id === wanted)?.content;
      const codecId = find(Id.codecId)?.toString('latin1');
      const [codec] = Object.entries(CODEC_IDS).find(([, id]) => id === codecId) ?? [];
      const config = find(Id.codecPrivate);
      if (codec === undefined || config === undefined) return false;
      const { kind, track } = trackOfNumber(uintOf(find(Id.trackNumber)));
      const format = formatOf(kind, track, codec, config);
      if (format === undefined) return false;
      const frameMs = validFrameMs(uintOf(find(Id.defaultDuration)) / NS_PER_MS);
      this.formats.set(numberOf(format), { ...format, frameMs });
    }
    return this.formats.size > 0;
  }

  /** Goes from cluster to cluster; only the beginning of each is read. */
  async clusters(): Promise<boolean> {
    for (;;) {
      const look = await this.file.read(this.at, LOOK_BYTES);
      const header = readHeader(look);
      if (header?.size === undefined) return true;
      const end = this.at + header.headerBytes + header.size;
      if (end > this.file.size) return true;
      if (header.id === Id.cluster) {
        if (!this.addCluster(look, header)) return true;
      } else if (header.id === Id.void) await this.addNote(header);
      else return true;
      this.at = end;
    }
  }

  private addCluster(look: Buffer, { headerBytes }: ElementHeader): boolean {
    let at = headerBytes;
    let clusterMs: number | undefined;
    for (;;) {
      const child = readHeader(look, at);
      if (child?.size === undefined) return false;
      at += child.headerBytes;
      if (child.id === Id.simpleBlock) break;
      if (at + child.size > look.length) return false;
      if (child.id === Id.timestamp) clusterMs = uintOf(look.subarray(at, at + child.size));
      at += child.size;
    }
    const block = clusterMs === undefined ? undefined : readBlock(look.subarray(at), clusterMs);
    if (block === undefined) return false;
    this.positions.push(this.at);
    this.index.addCluster(this.at, block.track, block.ptsMs, block.isKeyframe);
    return true;
  }

  private async addNote({ headerBytes, size = 0 }: ElementHeader): Promise<void> {
    if (size > MAX_NOTE_BYTES) return;
    const note = decodeNote(await this.file.read(this.at + headerBytes, size));
    if (note !== undefined && 'title' in note) this.chapters.push({ ...note, position: this.at });
  }

  async result(): Promise<MatroskaScan> {
    const times: LastTimes = { dtsMs: new Map(), ptsMs: new Map() };
    const wholeBytes = (await this.check(times)) ?? this.at;
    this.index.cues = this.index.cues.filter(({ position }) => position < wholeBytes);
    this.chapters = this.chapters.filter(({ position }) => position < wholeBytes);
    const startMs = this.startMs ?? 0;
    const tracks = Array.from(this.formats, ([number, { kind, track, codec }]): ScannedTrack => {
      const lastMs = times.ptsMs.get(number);
      return { kind, track, codec, lastTimestampMs: lastMs === undefined ? undefined : lastMs + startMs };
    });
    return new MatroskaScan(
      wholeBytes,
      this.isSized && wholeBytes === this.at,
      tracks,
      {
        ...{ position: wholeBytes, startMs },
        tracks: Array.from(this.formats, ([number, format]) => ({
          format,
          lastDtsMs: times.dtsMs.get(number),
        })),
        chapters: this.chapters.map(({ timestampMs, title }) => ({ timestampMs, title })),
      },
      this.index,
    );
  }

  /**
   * Verifies the last clusters, and those before them where none of these is whole.
   *
   * @returns where the first damaged one of them is; undefined if there is none
   */
  private async check(times: LastTimes): Promise<number | undefined> {
    let damagedAt: number | undefined;
    for (let end = this.positions.length; end > 0; end -= CHECKED_CLUSTERS) {
      for (const position of this.positions.slice(Math.max(0, end - CHECKED_CLUSTERS), end)) {
        if (!(await this.checkCluster(position, times))) {
          damagedAt = position;
          break;
        }
      }
      if (times.ptsMs.size > 0) break;
    }
    return damagedAt;
  }

  private async checkCluster(position: number, { dtsMs, ptsMs }: LastTimes): Promise<boolean> {
    const header = await this.headerAt(position);
    if (header?.size === undefined || header.size > MAX_CLUSTER_BYTES) return false;
    const content = await this.file.read(position + header.headerBytes, header.size);
    const { children, isWhole } = childrenOf(content);
    const [sum, timestamp] = children;
    if (!isWhole || sum?.id !== Id.crc32 || sum.content.length !== 4 || timestamp?.id !== Id.timestamp)
      return false;
    if (sum.content.readUInt32LE() !== crc32(content.subarray(timestamp.position))) return false;
    const clusterMs = uintOf(timestamp.content);
    for (const { id, content: bytes } of children) {
      if (id === Id.void) readLastTimes(bytes, dtsMs);
      const block = id === Id.simpleBlock ? readBlock(bytes, clusterMs) : undefined;
      const format = block && this.formats.get(block.track);
      if (block === undefined || format === undefined) continue;
      ptsMs.set(block.track, Math.max(block.ptsMs, ptsMs.get(block.track) ?? 0));
      this.index.addFrame(block.ptsMs, format);
    }
    return true;
  }

  private async headerAt(position: number): Promise<ElementHeader | undefined> {
    return readHeader(await this.file.read(position, MAX_HEADER_BYTES));
  }
}

/** The beginning of a SimpleBlock, whose track's number is one byte in files of this program. */
function readBlock(
  bytes: Buffer,
  clusterMs: number,
): { readonly track: number; readonly ptsMs: number; readonly isKeyframe: boolean } | undefined {
  if (bytes.length < 4) return undefined;
  return {
    track: bytes.readUInt8(0) & 0x7f,
    ptsMs: clusterMs + bytes.readInt16BE(1),
    isKeyframe: (bytes.readUInt8(3) & BLOCK_FLAGS.keyframe) !== 0,
  };
}

function readLastTimes(bytes: Buffer, dtsMs: Map<number, number>): void {
  for (let at = 0; at + LAST_TIME_BYTES <= bytes.length; at += LAST_TIME_BYTES)
    dtsMs.set(bytes.readUInt8(at), bytes.readUIntBE(at + 1, 6));
}
