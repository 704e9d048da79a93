import { crc32 } from 'node:zlib';
import type { Continuation } from '../chunked-writer.js';
import type { ReadableFile, ScannedFile, ScannedTrack } from '../container.js';
import { type Chapter, decodeNote, MAX_NOTE_BYTES } from '../notes.js';
import { ReadAhead } from '../read-ahead.js';
import { formatOf, numberOf, type TrackFormat, trackOfNumber, validFrameMs } from '../tracks.js';
import { type BoxHeader, boxesOf, findBox, MAX_BOX_HEADER_BYTES, readBoxHeader } from './boxes.js';
import { SUM_BYTES, TRUN_ENTRY_BYTES, TRUN_FLAGS, TRUN_HEADER_BYTES } from './fragment.js';
import { CONFIG_IN_ESDS, ENTRY_BYTES, SOUND_HANDLER, VIDEO_ENTRIES } from './movie.js';
import { type Mp4Layout, Mp4Track } from './mp4-track.js';
import type { TimedSample } from './sample-table.js';

const MAX_MOOV_BYTES = 4 << 20;
const MAX_FRAGMENT_BYTES = 64 << 20;
/** Fragments at the end whose checksums are verified: what a power cut may have torn. */
const CHECKED_FRAGMENTS = 16;
const NON_SYNC = 0x10000;
/** How much the time of a sample in ticks may differ from its tag's in milliseconds, and more. */
const ROUNDING_MS = 2;

/** A file of {@link scanMp4}, with what going on with it takes. */
export class Mp4Scan implements ScannedFile {
  constructor(
    readonly isHybrid: boolean,
    readonly wholeBytes: number,
    readonly isComplete: boolean,
    readonly mp4Tracks: readonly Mp4Track[],
    readonly layout: Mp4Layout,
    /** Of the next fragment. */
    readonly sequence: number,
    readonly continuation: Continuation,
  ) {}

  get startMs(): number {
    return this.continuation.startMs;
  }

  get endMs(): number {
    return Math.max(0, ...this.mp4Tracks.map(({ endMs }) => endMs));
  }

  get tracks(): ScannedTrack[] {
    return this.mp4Tracks.map(({ format: { kind, track, codec }, lastPtsMs }) => ({
      ...{ kind, track, codec },
      lastTimestampMs: lastPtsMs === undefined ? undefined : Math.round(lastPtsMs) + this.startMs,
    }));
  }
}

/** Finds the whole fragments of a file of this program. */
export async function scanMp4(file: ReadableFile, isHybrid: boolean): Promise<Mp4Scan | undefined> {
  const walk = new Walk(new ReadAhead(file), isHybrid);
  return (await walk.head()) ? await walk.fragments() : undefined;
}

interface Run {
  readonly number: number;
  readonly dataAt: number;
  readonly samples: readonly TimedSample[];
}

interface ScannedFragment {
  readonly position: number;
  readonly size: number;
  readonly runs: readonly Run[];
}

class Walk {
  private at = 0;
  private startMs: number | undefined;
  private tracks: Mp4Track[] = [];
  private layout: Mp4Layout = { mediaAt: 0, extendsAt: 0, chaptersAt: 0 };
  /** Where the one `mdat` of a hybrid file that was ended is over. */
  private mediaEnd: number | undefined;
  private chapters: (Chapter & { readonly position: number })[] = [];
  private count = 0;

  constructor(
    private readonly file: ReadableFile,
    private readonly isHybrid: boolean,
  ) {}

  /** @returns whether it is such a file */
  async head(): Promise<boolean> {
    const ftyp = await this.headerAt(0);
    if (ftyp?.type !== 'ftyp' || ftyp.size > MAX_NOTE_BYTES) return false;
    const mediaAt = ftyp.size;
    this.at = mediaAt;
    if (this.isHybrid) {
      const media = await this.headerAt(mediaAt);
      const isMedia = media?.type === 'mdat' && media.headerBytes === MAX_BOX_HEADER_BYTES;
      if (isMedia) this.mediaEnd = mediaAt + media.size;
      else if (media?.type !== 'free' || media.size !== MAX_BOX_HEADER_BYTES) return false;
      this.at += MAX_BOX_HEADER_BYTES;
    }
    const note = await this.note();
    if (note === undefined || !('startMs' in note)) return false;
    this.startMs = note.startMs;
    const moovAt = this.at;
    const moov = await this.content('moov', MAX_MOOV_BYTES);
    return moov !== undefined && this.readMovie(moov, moovAt, mediaAt);
  }

  private readMovie(moov: { header: BoxHeader; bytes: Buffer }, moovAt: number, mediaAt: number): boolean {
    const contentAt = moovAt + moov.header.headerBytes;
    const boxes = boxesOf(moov.bytes);
    const extends_ = boxes.find(({ type }) => type === 'mvex');
    if (extends_ === undefined) return false;
    for (const { type, content } of boxes) {
      if (type !== 'trak') continue;
      const format = readTrack(content);
      if (format === undefined) return false;
      this.tracks.push(new Mp4Track({ ...format, frameMs: readFrameMs(format, content, extends_.content) }));
    }
    const room = boxes.find(({ type, position }) => type !== 'trak' && position > extends_.position);
    const extendsAt = contentAt + extends_.position + 8;
    this.layout = { mediaAt, extendsAt, chaptersAt: contentAt + (room?.position ?? 0) };
    return this.tracks.length > 0;
  }

  /** Goes from fragment to fragment; of each, all but the frames is read. */
  async fragments(): Promise<Mp4Scan> {
    const unchecked: ScannedFragment[] = [];
    for (;;) {
      const found = await this.fragment();
      if (found === undefined) {
        if (!(await this.chapter())) break;
        continue;
      }
      unchecked.push(found);
      if (unchecked.length > CHECKED_FRAGMENTS) this.add(unchecked.shift());
    }
    const end = this.at;
    for (const fragment of unchecked) {
      if (!(await this.isWhole(fragment))) {
        this.at = fragment.position;
        break;
      }
      this.add(fragment);
    }
    const isComplete = this.at === end && (await this.hasIndex());
    return this.result(isComplete);
  }

  private async fragment(): Promise<ScannedFragment | undefined> {
    const position = this.at;
    const moof = await this.headerAt(position);
    if (moof?.type !== 'moof' || moof.size > MAX_FRAGMENT_BYTES) return undefined;
    const mdat = await this.headerAt(position + moof.size);
    if (mdat?.type !== 'mdat' || mdat.size > MAX_FRAGMENT_BYTES) return undefined;
    const sum = await this.headerAt(position + moof.size + mdat.size);
    if (sum?.type !== 'free' || sum.size !== sum.headerBytes + SUM_BYTES) return undefined;
    const size = moof.size + mdat.size + sum.size;
    if (position + size > this.file.size) return undefined;
    const bytes = await this.file.read(position + moof.headerBytes, moof.size - moof.headerBytes);
    const runs = readRuns(bytes);
    if (runs === undefined) return undefined;
    this.at += size;
    return { position, size, runs };
  }

  private async isWhole({ position, size }: ScannedFragment): Promise<boolean> {
    const bytes = await this.file.read(position, size);
    if (bytes.length < size) return false;
    return bytes.readUInt32BE(size - SUM_BYTES) === crc32(bytes.subarray(0, size - SUM_BYTES - 8));
  }

  private add(fragment: ScannedFragment | undefined): void {
    this.count++;
    for (const { number, dataAt, samples } of fragment?.runs ?? []) {
      const track = this.tracks.find((candidate) => candidate.number === number);
      track?.add(fragment?.position ?? 0, dataAt, samples, this.isHybrid);
    }
  }

  private async chapter(): Promise<boolean> {
    const position = this.at;
    const note = await this.note();
    if (note !== undefined && 'title' in note) this.chapters.push({ ...note, position });
    return note !== undefined;
  }

  /** Whether what is after the fragments is the whole index. */
  private async hasIndex(): Promise<boolean> {
    const index = await this.headerAt(this.at);
    if (index === undefined || this.at + index.size > this.file.size) return false;
    return this.isHybrid ? index.type === 'moov' && this.mediaEnd === this.at : index.type === 'mfra';
  }

  private result(isComplete: boolean): Mp4Scan {
    const chapters = this.chapters.filter(({ position }) => position < this.at);
    const continuation = {
      ...{ position: this.at, startMs: this.startMs ?? 0 },
      tracks: this.tracks.map(({ format, lastDtsMs }) => ({
        format,
        lastDtsMs: lastDtsMs === undefined ? undefined : lastDtsMs + ROUNDING_MS,
      })),
      chapters: chapters.map(({ timestampMs, title }) => ({ timestampMs, title })),
    };
    const { isHybrid, at, tracks, layout, count } = this;
    return new Mp4Scan(isHybrid, at, isComplete, tracks, layout, count + 1, continuation);
  }

  private async note(): Promise<ReturnType<typeof decodeNote>> {
    const from = this.at;
    const read = await this.content('free', MAX_NOTE_BYTES + MAX_BOX_HEADER_BYTES);
    const note = read && decodeNote(read.bytes);
    if (note === undefined) this.at = from;
    return note;
  }

  /** The whole contents of the next box, if it has this type; goes on after it. */
  private async content(
    type: string,
    maxBytes: number,
  ): Promise<{ header: BoxHeader; bytes: Buffer } | undefined> {
    const header = await this.headerAt(this.at);
    if (header?.type !== type || header.size > maxBytes || this.at + header.size > this.file.size)
      return undefined;
    const bytes = await this.file.read(this.at + header.headerBytes, header.size - header.headerBytes);
    this.at += header.size;
    return { header, bytes };
  }

  private async headerAt(position: number): Promise<BoxHeader | undefined> {
    return readBoxHeader(await this.file.read(position, MAX_BOX_HEADER_BYTES));
  }
}

/** Where the name is in the content of an `hdlr` box: after its version, its type and what is reserved. */
const NAME_IN_HDLR = 24;

function readTrack(trak: Buffer): TrackFormat | undefined {
  const header = findBox(trak, 'tkhd');
  const descriptions = findBox(trak, 'mdia', 'minf', 'stbl', 'stsd');
  const [entry] = descriptions === undefined ? [] : boxesOf(descriptions.subarray(8));
  if (header === undefined || header.length < 24 || entry === undefined) return undefined;
  const { kind, track } = trackOfNumber(header.readUInt32BE(20));
  if (entry.type === 'mp4a') {
    const config = findBox(entry.content.subarray(ENTRY_BYTES.audio), 'esds');
    if (config === undefined || config.length < CONFIG_IN_ESDS) return undefined;
    const size = config
      .subarray(CONFIG_IN_ESDS - 4, CONFIG_IN_ESDS)
      .reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    const format = formatOf(kind, track, 'aac', config.subarray(CONFIG_IN_ESDS, CONFIG_IN_ESDS + size));
    return format && { ...format, ...readName(trak) };
  }
  for (const [codec, [type, configType]] of Object.entries(VIDEO_ENTRIES)) {
    if (type !== entry.type) continue;
    const config = findBox(entry.content.subarray(ENTRY_BYTES.video), configType);
    return config && formatOf(kind, track, codec, config);
  }
  return undefined;
}

/** The name that a track was given, which the whole movie is to have as well. */
function readName(trak: Buffer): Pick<TrackFormat, 'name'> {
  const name = findBox(trak, 'mdia', 'hdlr')?.subarray(NAME_IN_HDLR).toString().replace(/\0.*$/s, '');
  return name === undefined || name === '' || name === SOUND_HANDLER ? {} : { name };
}

/** The nominal duration of a track's frames, which a stream may say in its metadata alone. */
function readFrameMs(format: TrackFormat, trak: Buffer, mvex: Buffer): number | undefined {
  const header = findBox(trak, 'mdia', 'mdhd');
  const number = numberOf(format);
  const defaults = boxesOf(mvex).find(
    ({ type, content }) => type === 'trex' && content.length >= 16 && content.readUInt32BE(4) === number,
  );
  if (header === undefined || header.length < 24 || defaults === undefined) return undefined;
  const [ticks, timescale] = [defaults.content.readUInt32BE(12), header.readUInt32BE(20)];
  return validFrameMs((ticks * 1000) / timescale);
}

function readRuns(moof: Buffer): Run[] | undefined {
  const runs: Run[] = [];
  for (const { type, content } of boxesOf(moof)) {
    if (type !== 'traf') continue;
    const [header, time, trun] = ['tfhd', 'tfdt', 'trun'].map((wanted) => findBox(content, wanted));
    if (header === undefined || header.length < 8 || time?.length !== 12 || trun === undefined)
      return undefined;
    const samples = readSamples(trun, Number(time.readBigUInt64BE(4)));
    if (samples === undefined) return undefined;
    runs.push({ number: header.readUInt32BE(4), dataAt: trun.readInt32BE(8), samples });
  }
  return runs.length === 0 ? undefined : runs;
}

function readSamples(trun: Buffer, firstDts: number): TimedSample[] | undefined {
  if (trun.length < TRUN_HEADER_BYTES || (trun.readUInt32BE(0) & 0xffffff) !== TRUN_FLAGS) return undefined;
  if (trun.length !== TRUN_HEADER_BYTES + TRUN_ENTRY_BYTES * trun.readUInt32BE(4)) return undefined;
  const samples: TimedSample[] = [];
  let dts = firstDts;
  for (let at = TRUN_HEADER_BYTES; at < trun.length; at += TRUN_ENTRY_BYTES) {
    samples.push({
      dts,
      size: trun.readUInt32BE(at + 4),
      isKeyframe: (trun.readUInt32BE(at + 8) & NON_SYNC) === 0,
      composition: trun.readInt32BE(at + 12),
    });
    dts += trun.readUInt32BE(at);
  }
  return samples;
}
