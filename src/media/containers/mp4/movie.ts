import type { Chapter } from '../notes.js';
import { numberOf, type TrackFormat } from '../tracks.js';
import { box, fullBox, u16, u32, u64 } from './boxes.js';
import type { SampleTable } from './sample-table.js';

/** Of the movie, ticks of a second: its times are in milliseconds. */
export const MOVIE_TIMESCALE = 1000;
const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const FULL_VOLUME = 0x0100;
/** In the movie, enabled, in the preview. */
const TRACK_FLAGS = { main: 7, further: 6 } as const;
const UNDETERMINED = 0x55c4;
const NEXT_TRACK_ID = 0xffffffff;
/** Of a chapter's time in `chpl`, ticks of 100 ns. */
const CHAPTER_TICKS_PER_MS = 10_000;
/** Their number in `chpl` is a byte. */
const MAX_CHAPTERS = 255;
/** Defaults of a sample's flags: of sound, which can all be decoded by itself, and of video. */
export const SampleFlags = { keyframe: 0x02000000, interframe: 0x01010000, disposable: 0x01810000 } as const;

const BOX_HEADER_BYTES = 8;

/** A track of a movie, and where its samples are if it is known. */
export interface MovieTrack {
  readonly format: TrackFormat;
  /** Ticks of a second. */
  readonly timescale: number;
  /** Of a frame, nominal; 0 if the stream does not say. */
  readonly frameTicks?: number;
  readonly table?: SampleTable;
  /** The duration of its last sample. */
  readonly lastTicks?: number;
}

/**
 * The head of a file of fragments.
 *
 * @param duration room for the whole duration, which is written at the end; `extendsAt` is where it is
 * @param chapters room for the chapters, at its end
 */
export function fragmentedMovie(
  tracks: readonly MovieTrack[],
  duration: Buffer,
  chapters: Buffer,
): { readonly bytes: Buffer; readonly extendsAt: number } {
  const defaults = tracks.map(({ format, frameTicks = 0 }) => {
    const flags = format.kind === 'audio' ? SampleFlags.keyframe : SampleFlags.interframe;
    return fullBox('trex', 0, 0, u32(numberOf(format), 1, frameTicks, 0, flags));
  });
  const traks = tracks.map(({ format, timescale }) => trackBox({ format, timescale }, 0));
  const extends_ = box('mvex', duration, ...defaults);
  const bytes = box('moov', movieHeader(0), ...traks, extends_, chapters);
  const extendsAt = bytes.length - chapters.length - extends_.length + BOX_HEADER_BYTES;
  return { bytes, extendsAt };
}

/** The movie of a plain MP4. */
export function wholeMovie(tracks: readonly MovieTrack[], chapters: readonly Chapter[]): Buffer {
  const used = tracks.filter(({ table }) => table !== undefined && table.count > 0);
  const ends = used.map(endMs);
  const traks = used.map((track, n) => trackBox(track, ends[n] ?? 0));
  const udta = chapters.length === 0 ? [] : [box('udta', chapterList(chapters))];
  return box('moov', movieHeader(Math.max(0, ...ends)), ...traks, ...udta);
}

/** Nero's list of chapters, which most players and ffmpeg read. */
export function chapterList(chapters: readonly Chapter[]): Buffer {
  const listed = chapters.slice(0, MAX_CHAPTERS);
  const entries = listed.flatMap(({ timestampMs, title }) => {
    const bytes = Buffer.from(title);
    return [u64([Math.round(timestampMs * CHAPTER_TICKS_PER_MS)]), Buffer.from([bytes.length]), bytes];
  });
  return fullBox('chpl', 1, 0, u32(0), Buffer.from([listed.length]), ...entries);
}

/** How much later than the movie the track begins: by the PTS of its first sample, unless its DTS is 0. */
function delayMs({ table, timescale }: MovieTrack): number {
  const { firstDts = 0, firstComposition = 0 } = table ?? {};
  return firstDts === 0 ? 0 : Math.round(((firstDts + firstComposition) * MOVIE_TIMESCALE) / timescale);
}

/** Nothing is shown until the track begins, and then its first sample. */
function editsOf(track: MovieTrack, durationMs: number): Buffer[] {
  const delay = delayMs(track);
  if (delay === 0) return [];
  const mediaTime = track.table?.firstComposition ?? 0;
  const entries = [u64([delay, -1]), u16(1, 0), u64([durationMs - delay, mediaTime]), u16(1, 0)];
  return [box('edts', fullBox('elst', 1, 0, u32(2), ...entries))];
}

function mediaTicks({ table, lastTicks = 0 }: MovieTrack): number {
  return table?.firstDts === undefined ? 0 : table.lastDts - table.firstDts + lastTicks;
}

/** When the last sample's time is over, in the movie. */
function endMs(track: MovieTrack): number {
  const { firstComposition = 0 } = track.table ?? {};
  const delay = delayMs(track);
  const ticks = mediaTicks(track) + (delay === 0 ? firstComposition : 0);
  return delay + Math.round((ticks * MOVIE_TIMESCALE) / track.timescale);
}

function movieHeader(durationMs: number): Buffer {
  return fullBox(
    'mvhd',
    1,
    0,
    ...[u64([0, 0]), u32(MOVIE_TIMESCALE), u64([durationMs])],
    ...[u32(0x10000), u16(FULL_VOLUME, 0), u32(0, 0), UNITY_MATRIX, u32(0, 0, 0, 0, 0, 0, NEXT_TRACK_ID)],
  );
}

function trackBox(track: MovieTrack, durationMs: number): Buffer {
  const { format } = track;
  const flags = format.track === 0 ? TRACK_FLAGS.main : TRACK_FLAGS.further;
  const isAudio = format.kind === 'audio';
  const header = fullBox(
    'tkhd',
    1,
    flags,
    ...[u64([0, 0]), u32(numberOf(format), 0), u64([durationMs]), u32(0, 0)],
    ...[u16(0, isAudio ? 1 : 0, isAudio ? FULL_VOLUME : 0, 0), UNITY_MATRIX],
    u32(format.width * 0x10000, format.height * 0x10000),
  );
  return box('trak', header, ...editsOf(track, durationMs), mediaBox(track));
}

export const [SOUND_HANDLER, VIDEO_HANDLER] = ['SoundHandler', 'VideoHandler'] as const;

function mediaBox(track: MovieTrack): Buffer {
  const { format, timescale, table, lastTicks = 0 } = track;
  const isAudio = format.kind === 'audio';
  const handler = format.name ?? (isAudio ? SOUND_HANDLER : VIDEO_HANDLER);
  const name = Buffer.from(`${handler}\0`);
  const entry = isAudio ? audioEntry(format) : videoEntry(format);
  const tables = table?.boxes(lastTicks) ?? [
    ...[fullBox('stts', 0, 0, u32(0)), fullBox('stsc', 0, 0, u32(0))],
    ...[fullBox('stsz', 0, 0, u32(0, 0)), fullBox('stco', 0, 0, u32(0))],
  ];
  return box(
    'mdia',
    fullBox('mdhd', 1, 0, u64([0, 0]), u32(timescale), u64([mediaTicks(track)]), u16(UNDETERMINED, 0)),
    fullBox('hdlr', 0, 0, u32(0), Buffer.from(isAudio ? 'soun' : 'vide'), u32(0, 0, 0), name),
    box(
      'minf',
      isAudio ? fullBox('smhd', 0, 0, u32(0)) : fullBox('vmhd', 0, 1, u32(0, 0)),
      box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
      box('stbl', fullBox('stsd', 0, 0, u32(1), entry), ...tables),
    ),
  );
}

/** Names of sample entries and of the boxes with their configurations. */
export const VIDEO_ENTRIES = {
  h264: ['avc1', 'avcC'],
  hevc: ['hvc1', 'hvcC'],
  av1: ['av01', 'av1C'],
} as const;
/** Of an entry's own fields, before the boxes in it. */
export const ENTRY_BYTES = { video: 78, audio: 28 } as const;
const NO_PALETTE = 0xffff;
const DEPTH = 24;
const PPI_72 = 0x00480000;

function videoEntry({ codec, config, width, height }: TrackFormat): Buffer {
  if (codec === 'aac') throw new TypeError('AAC is no video.');
  const [type, configType] = VIDEO_ENTRIES[codec];
  return box(
    type,
    ...[u16(0, 0, 0, 1), u32(0, 0, 0, 0), u16(width, height), u32(PPI_72, PPI_72, 0)],
    ...[u16(1), Buffer.alloc(32), u16(DEPTH, NO_PALETTE), box(configType, config)],
  );
}

function audioEntry({ config, sampleRate, channels }: TrackFormat): Buffer {
  const rate = sampleRate < 0x10000 ? sampleRate * 0x10000 : 0;
  const fields = [u16(0, 0, 0, 1), u32(0, 0), u16(channels, 16, 0, 0), u32(rate)];
  return box('mp4a', ...fields, elementaryStream(config));
}

const ES_DESCRIPTOR = 3;
const DECODER_CONFIG = 4;
const DECODER_SPECIFIC_INFO = 5;
const SYNC_LAYER = 6;
const AAC_OBJECT = 0x40;
const AUDIO_STREAM = 0x15;
/** Where the AudioSpecificConfig begins in the contents of an `esds` box that is written here; its size is in the four bytes before. */
export const CONFIG_IN_ESDS = 35;

/** @see ISO/IEC 14496-1 7.2.6 */
function elementaryStream(config: Buffer): Buffer {
  const specific = descriptor(DECODER_SPECIFIC_INFO, config);
  const fields = Buffer.from([AAC_OBJECT, AUDIO_STREAM, 0, 0, 0]);
  const decoder = descriptor(DECODER_CONFIG, fields, u32(0, 0), specific);
  const stream = descriptor(
    ES_DESCRIPTOR,
    Buffer.from([0, 0, 0]),
    decoder,
    descriptor(SYNC_LAYER, Buffer.from([2])),
  );
  return fullBox('esds', 0, 0, stream);
}

function descriptor(tag: number, ...contents: readonly Buffer[]): Buffer {
  const size = contents.reduce((sum, { length }) => sum + length, 0);
  const sizes = [21, 14, 7].map((shift) => 0x80 | ((size >> shift) & 0x7f));
  return Buffer.concat([Buffer.from([tag, ...sizes, size & 0x7f]), ...contents]);
}
