import { crc32 } from 'node:zlib';
import { version } from '../../version.js';
import { ChunkedWriter, type ChunkFormat, type Patch, type Sample } from './chunked-writer.js';
import type { Container, ScannedFile } from './container.js';
import { element, float, Id, idBytes, sizeBytes, text, UNKNOWN_SIZE, uint, voidOf } from './ebml.js';
import {
  BLOCK_FLAGS,
  CODEC_IDS,
  type Cue,
  hasMainVideo,
  LAST_TIME_BYTES,
  MatroskaIndex,
  type MatroskaLayout,
  NS_PER_MS,
} from './matroska-index.js';
import { MatroskaScan, scanMatroska } from './matroska-scan.js';
import { type Chapter, encodeNote } from './notes.js';
import { numberOf, type TrackFormat } from './tracks.js';

/** Room for the seek head, which names the elements that are written at the end. */
const SEEK_HEAD_BYTES = 160;
/** Of the element with the duration: its id, its size, and a number of eight bytes. */
const DURATION_BYTES = 11;
/** Of the element with the checksum. */
const CRC_BYTES = 6;
const TRACK_TYPES = { video: 1, audio: 2 } as const;
/** A block's time is relative to its cluster's, in 16 bits. */
const MAX_RELATIVE_MS = 0x7fff;

/**
 * Matroska as a recording is written: a segment of unknown size with clusters of known size, each with a checksum and the DTS of
 * its last frames; at the end the chapters and the cues, whose places the head has room for.
 *
 * @see RFC 9559
 */
class MatroskaFormat implements ChunkFormat {
  constructor(private readonly index = new MatroskaIndex()) {}

  head(tracks: readonly TrackFormat[], startMs: number): Buffer {
    const ebml = element(
      Id.ebml,
      ...[uint(Id.ebmlVersion, 1), uint(Id.ebmlReadVersion, 1)],
      ...[uint(Id.ebmlMaxIdLength, 4), uint(Id.ebmlMaxSizeLength, 8)],
      ...[text(Id.docType, 'matroska'), uint(Id.docTypeVersion, 4), uint(Id.docTypeReadVersion, 2)],
    );
    const app = text(Id.muxingApp, `Bulkhead ${version}`);
    const writingApp = text(Id.writingApp, `Bulkhead ${version}`);
    const scale = uint(Id.timestampScale, NS_PER_MS);
    const info = element(Id.info, scale, app, writingApp, voidOf(DURATION_BYTES));
    const sizeAt = ebml.length + 4;
    const contentAt = sizeAt + UNKNOWN_SIZE.length;
    const infoAt = contentAt + SEEK_HEAD_BYTES;
    const tracksAt = infoAt + info.length;
    const durationAt = tracksAt - DURATION_BYTES;
    this.index.layout = { sizeAt, contentAt, seekHeadAt: contentAt, infoAt, durationAt, tracksAt };
    this.index.hasMainVideo = hasMainVideo(tracks);
    return Buffer.concat([
      ...[ebml, idBytes(Id.segment), UNKNOWN_SIZE, voidOf(SEEK_HEAD_BYTES), info],
      element(Id.tracks, ...tracks.map(trackEntry)),
      element(Id.void, encodeNote({ startMs })),
    ]);
  }

  chunk(samples: readonly Sample[], position: number): Buffer {
    const timestampMs = Math.min(...samples.map(({ ptsMs }) => ptsMs));
    const [first] = samples;
    if (first !== undefined)
      this.index.addCluster(position, numberOf(first.format), first.ptsMs, first.isKeyframe);
    for (const { ptsMs, format } of samples) this.index.addFrame(ptsMs, format);
    const blocks = samples.flatMap((sample) => simpleBlock(sample, timestampMs));
    const parts = [uint(Id.timestamp, timestampMs), ...blocks, lastTimes(samples)];
    const contentBytes = parts.reduce((sum, { length }) => sum + length, 0);
    const header = [
      idBytes(Id.cluster),
      sizeBytes(CRC_BYTES + contentBytes),
      element(Id.crc32, Buffer.alloc(4)),
    ];
    const bytes = Buffer.concat([...header, ...parts]);
    const contentAt = bytes.length - contentBytes;
    bytes.writeUInt32LE(crc32(bytes.subarray(contentAt)), contentAt - 4);
    return bytes;
  }

  note(chapter: Chapter): Buffer {
    return element(Id.void, encodeNote(chapter));
  }

  end(position: number, chapters: readonly Chapter[]): { index: Buffer; patches: Patch[] } {
    const { layout, endMs } = this.index;
    if (layout === undefined) return { index: Buffer.alloc(0), patches: [] };
    const chapterBytes = chapters.length === 0 ? Buffer.alloc(0) : chaptersOf(chapters);
    const cues = element(Id.cues, ...this.index.cues.map((cue) => cuePoint(cue, layout)));
    const index = Buffer.concat([chapterBytes, cues]);
    const seeks: [number, number][] = [
      [Id.info, layout.infoAt],
      [Id.tracks, layout.tracksAt],
      [Id.cues, position + chapterBytes.length],
    ];
    if (chapters.length > 0) seeks.push([Id.chapters, position]);
    return {
      index,
      patches: [
        { position: layout.durationAt, bytes: float(Id.duration, endMs) },
        { position: layout.seekHeadAt, bytes: seekHead(seeks, layout) },
        // The last: a file whose size is known is complete.
        { position: layout.sizeAt, bytes: sizeBytes(position + index.length - layout.contentAt, 8) },
      ],
    };
  }
}

function trackEntry(format: TrackFormat): Buffer {
  const { kind, track, codec, config, width, height, frameMs, sampleRate, channels, name } = format;
  const number = numberOf(format);
  const details =
    kind === 'video'
      ? element(Id.video, uint(Id.pixelWidth, width), uint(Id.pixelHeight, height))
      : element(Id.audio, float(Id.samplingFrequency, sampleRate), uint(Id.channels, channels));
  return element(
    Id.trackEntry,
    ...[uint(Id.trackNumber, number), uint(Id.trackUid, number), uint(Id.trackType, TRACK_TYPES[kind])],
    ...[uint(Id.flagDefault, track === 0 ? 1 : 0), uint(Id.flagLacing, 0), text(Id.language, 'und')],
    ...(track === 0 && name === undefined ? [] : [text(Id.name, name ?? `Track ${track + 1}`)]),
    ...(frameMs === undefined ? [] : [uint(Id.defaultDuration, Math.round(frameMs * NS_PER_MS))]),
    ...[text(Id.codecId, CODEC_IDS[codec]), element(Id.codecPrivate, config), details],
  );
}

function simpleBlock(
  { format, ptsMs, isKeyframe, isDisposable, data }: Sample,
  clusterMs: number,
): [Buffer, Buffer] {
  const prefix = Buffer.allocUnsafe(9);
  prefix[0] = Id.simpleBlock;
  prefix.writeUInt32BE(0x10000000 + data.length + 4, 1);
  prefix[5] = 0x80 | numberOf(format);
  prefix.writeInt16BE(Math.min(ptsMs - clusterMs, MAX_RELATIVE_MS), 6);
  prefix[8] = (isKeyframe ? BLOCK_FLAGS.keyframe : 0) | (isDisposable ? BLOCK_FLAGS.discardable : 0);
  return [prefix, data];
}

/** The DTS of each track's last frame, which blocks do not have: a recorder that goes on has to know what it has already. */
function lastTimes(samples: readonly Sample[]): Buffer {
  const times = new Map(samples.map(({ format, dtsMs }) => [numberOf(format), dtsMs]));
  const bytes = Buffer.alloc(times.size * LAST_TIME_BYTES);
  let at = 0;
  for (const [number, dtsMs] of times) {
    bytes[at] = number;
    bytes.writeUIntBE(dtsMs, at + 1, 6);
    at += LAST_TIME_BYTES;
  }
  return element(Id.void, bytes);
}

function cuePoint({ timestampMs, track, position }: Cue, { contentAt }: MatroskaLayout): Buffer {
  const place = uint(Id.cueClusterPosition, position - contentAt);
  return element(
    Id.cuePoint,
    uint(Id.cueTime, timestampMs),
    element(Id.cueTrackPositions, uint(Id.cueTrack, track), place),
  );
}

function chaptersOf(chapters: readonly Chapter[]): Buffer {
  const atoms = chapters.map(({ timestampMs, title }, n) =>
    element(
      Id.chapterAtom,
      uint(Id.chapterUid, n + 1),
      uint(Id.chapterTimeStart, Math.round(timestampMs * NS_PER_MS)),
      element(Id.chapterDisplay, text(Id.chapString, title), text(Id.chapLanguage, 'und')),
    ),
  );
  return element(Id.chapters, element(Id.editionEntry, ...atoms));
}

function seekHead(seeks: readonly [number, number][], { contentAt }: MatroskaLayout): Buffer {
  const entries = seeks.map(([id, position]) =>
    element(Id.seek, element(Id.seekId, idBytes(id)), uint(Id.seekPosition, position - contentAt)),
  );
  const head = element(Id.seekHead, ...entries);
  return Buffer.concat([head, voidOf(SEEK_HEAD_BYTES - head.length)]);
}

export const matroska: Container = {
  extension: '.mkv',
  begin: (sink, names) => new ChunkedWriter(new MatroskaFormat(), sink, { names }),
  scan: scanMatroska,
  resume: (sink, scanned: ScannedFile) => {
    if (!(scanned instanceof MatroskaScan)) throw new TypeError('The file was not scanned as Matroska.');
    const { layout } = scanned.index;
    // It may have been ended, or nearly: players would take what follows its index for bytes after the file's end.
    if (layout !== undefined) {
      sink.patch(layout.sizeAt, UNKNOWN_SIZE);
      sink.patch(layout.seekHeadAt, voidOf(SEEK_HEAD_BYTES));
    }
    return new ChunkedWriter(new MatroskaFormat(scanned.index), sink, { from: scanned.continuation });
  },
};
