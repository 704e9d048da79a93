import { ChunkedWriter, type ChunkFormat, type Patch, type Sample } from './chunked-writer.js';
import type { Container } from './container.js';
import { box, free, fullBox, largeHeader, u32, u64 } from './mp4/boxes.js';
import { fragment, samplesByTrack } from './mp4/fragment.js';
import { chapterList, fragmentedMovie, MOVIE_TIMESCALE, wholeMovie } from './mp4/movie.js';
import { Mp4Scan, scanMp4 } from './mp4/mp4-scan.js';
import { type Mp4Layout, Mp4Track } from './mp4/mp4-track.js';
import { type Chapter, encodeNote } from './notes.js';
import type { TrackFormat } from './tracks.js';

const BRANDS = ['isom', 'iso6', 'iso2', 'avc1', 'mp41'] as const;
const MINOR_VERSION = 0x200;
/** Of the header of an `mdat` with a size of eight bytes. */
const MEDIA_HEADER_BYTES = 16;
/** Of the box with the duration. */
const EXTENDS_BYTES = 20;
/** Room for chapters in a file of fragments. */
const CHAPTER_BYTES = 4096;
const BOX_HEADER_BYTES = 8;
const RANDOM_ACCESS_BYTES = 19;

/**
 * MP4 in fragments, as a recording is written. At the end a file of fragments gets an index of its keyframes; in a hybrid
 * file a movie with whole sample tables is appended, and then 16 bytes make everything before it one `mdat`, so that it is a plain MP4.
 *
 * @see ISO/IEC 14496-12 8.8; OBS's hybrid MP4
 */
export class Mp4Format implements ChunkFormat {
  constructor(
    private readonly isHybrid: boolean,
    private tracks: readonly Mp4Track[] = [],
    private layout: Mp4Layout = { mediaAt: 0, extendsAt: 0, chaptersAt: 0 },
    private sequence = 1,
  ) {}

  head(formats: readonly TrackFormat[], startMs: number): Buffer {
    this.tracks = formats.map((format) => new Mp4Track(format));
    const [major] = BRANDS;
    const ftyp = box('ftyp', Buffer.from(major), u32(MINOR_VERSION), Buffer.from(BRANDS.join('')));
    const media = this.isHybrid ? free(MEDIA_HEADER_BYTES) : Buffer.alloc(0);
    const room = this.isHybrid ? Buffer.alloc(0) : free(CHAPTER_BYTES);
    const before = Buffer.concat([ftyp, media, box('free', encodeNote({ startMs }))]);
    const { bytes, extendsAt } = fragmentedMovie(this.tracks, free(EXTENDS_BYTES), room);
    this.layout = {
      mediaAt: ftyp.length,
      extendsAt: before.length + extendsAt,
      chaptersAt: before.length + bytes.length - room.length,
    };
    return Buffer.concat([before, bytes]);
  }

  chunk(samples: readonly Sample[], position: number): Buffer {
    const byTrack = samplesByTrack(samples);
    const used = this.tracks.filter(({ number }) => byTrack.has(number));
    const runs = used.map((track) => ({
      number: track.number,
      samples: (byTrack.get(track.number) ?? []).map((sample) => {
        const { dts, composition } = track.place(sample.dtsMs, sample.ptsMs);
        return { dts, composition, size: sample.data.length, isKeyframe: sample.isKeyframe, sample };
      }),
      lastTicks: track.lastTicks,
    }));
    const { bytes, dataAt } = fragment(this.sequence++, runs);
    used.forEach((track, n) => {
      track.add(position, dataAt[n] ?? 0, runs[n]?.samples ?? [], this.isHybrid);
    });
    return bytes;
  }

  note(chapter: Chapter): Buffer {
    return box('free', encodeNote(chapter));
  }

  end(position: number, chapters: readonly Chapter[]): { index: Buffer; patches: Patch[] } {
    return this.isHybrid ? this.endHybrid(position, chapters) : this.endFragments(chapters);
  }

  private endHybrid(position: number, chapters: readonly Chapter[]): { index: Buffer; patches: Patch[] } {
    const { mediaAt } = this.layout;
    return {
      index: wholeMovie(this.tracks, chapters),
      patches: [{ position: mediaAt, bytes: largeHeader('mdat', position - mediaAt) }],
    };
  }

  private endFragments(chapters: readonly Chapter[]): { index: Buffer; patches: Patch[] } {
    const { extendsAt, chaptersAt } = this.layout;
    const endMs = Math.round(Math.max(...this.tracks.map((track) => track.endMs)) * (MOVIE_TIMESCALE / 1000));
    const duration = { position: extendsAt, bytes: fullBox('mehd', 1, 0, u64([endMs])) };
    const listed = fittingChapters(chapters);
    const list = listed.length === 0 ? [] : [{ position: chaptersAt, bytes: listed }];
    return { index: randomAccess(this.tracks[0]), patches: [duration, ...list] };
  }
}

/** As many of them as there is room for. */
function fittingChapters(chapters: readonly Chapter[]): Buffer {
  for (let count = chapters.length; count > 0; count--) {
    const list = box('udta', chapterList(chapters.slice(0, count)));
    const rest = CHAPTER_BYTES - list.length;
    if (rest >= BOX_HEADER_BYTES) return Buffer.concat([list, free(rest)]);
  }
  return Buffer.alloc(0);
}

/** The index of a file of fragments. */
function randomAccess(track: Mp4Track | undefined): Buffer {
  if (track === undefined) return Buffer.alloc(0);
  const entries = Buffer.alloc(RANDOM_ACCESS_BYTES * track.randomAccess.length);
  track.randomAccess.forEach(({ pts, position }, n) => {
    const at = RANDOM_ACCESS_BYTES * n;
    entries.writeBigUInt64BE(BigInt(Math.max(0, pts)), at);
    entries.writeBigUInt64BE(BigInt(position), at + 8);
    // The numbers of the track's part in the fragment, of the run in it, and of the sample in that, a byte each.
    entries.fill(1, at + 16, at + RANDOM_ACCESS_BYTES);
  });
  const tfra = fullBox('tfra', 1, 0, u32(track.number, 0, track.randomAccess.length), entries);
  const mfroBytes = 16;
  const size = BOX_HEADER_BYTES + tfra.length + mfroBytes;
  return box('mfra', tfra, fullBox('mfro', 0, 0, u32(size)));
}

function mp4(isHybrid: boolean): Container {
  return {
    extension: '.mp4',
    begin: (sink, names) => new ChunkedWriter(new Mp4Format(isHybrid), sink, { names }),
    scan: (file) => scanMp4(file, isHybrid),
    resume: (sink, scanned) => {
      if (!(scanned instanceof Mp4Scan) || scanned.isHybrid !== isHybrid)
        throw new TypeError('The file was not scanned as this kind of MP4.');
      const { mp4Tracks, layout, sequence, continuation } = scanned;
      // It may have been ended, or nearly: everything in it is a box of its own again.
      if (isHybrid) sink.patch(layout.mediaAt, free(MEDIA_HEADER_BYTES));
      return new ChunkedWriter(new Mp4Format(isHybrid, mp4Tracks, layout, sequence), sink, {
        from: continuation,
      });
    },
  };
}

export const fragmentedMp4 = mp4(false);
export const hybridMp4 = mp4(true);
