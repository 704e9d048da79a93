import { isDisposable } from '../avc.js';
import { isDisposableHevc } from '../hevc.js';
import { frameRateOf } from '../on-metadata.js';
import { isExtraHeader, type StreamTag, trackKey } from '../stream-tag.js';
import type { ContainerSink, ContainerWriter } from './container.js';
import { type Chapter, shortTitle } from './notes.js';
import { readPacket } from './packets.js';
import { canFollow, formatOfHeader, type TrackFormat, type TrackNames, withParameters } from './tracks.js';

/** One frame in a file. */
export interface Sample {
  readonly format: TrackFormat;
  /** In the file's own time. */
  readonly dtsMs: number;
  readonly ptsMs: number;
  readonly isKeyframe: boolean;
  /** Whether no other frame refers to it. */
  readonly isDisposable: boolean;
  readonly data: Buffer;
}

/** Whose times are moved from the broadcast's timeline to the file's when it is written. */
type HeldSample = Omit<Sample, 'dtsMs' | 'ptsMs'> & { dtsMs: number; ptsMs: number };

/** Bytes to overwrite. */
export interface Patch {
  readonly position: number;
  readonly bytes: Buffer;
}

/** A file's format: a head, then chunks of frames and notes in any order, then the index. */
export interface ChunkFormat {
  /** The head; `position` is 0. */
  head(tracks: readonly TrackFormat[], startMs: number): Buffer;
  /** @param samples in the order of arrival, in that of DTS for each track; never empty */
  chunk(samples: readonly Sample[], position: number): Buffer;
  note(chapter: Chapter): Buffer;
  /** What is appended, and then patched in this order. */
  end(position: number, chapters: readonly Chapter[]): { readonly index: Buffer; readonly patches: Patch[] };
}

/** A file to go on with. */
export interface Continuation {
  readonly position: number;
  readonly startMs: number;
  readonly tracks: readonly {
    readonly format: TrackFormat;
    /** Of its last frame, in the file's own time; undefined if there is none. */
    readonly lastDtsMs: number | undefined;
  }[];
  readonly chapters: readonly Chapter[];
}

/**
 * A power cut loses the chunk that is being filled, and the time until it is on the disk: together they are to be below half a
 * second.
 */
const MAX_CHUNK_MS = 400;
/** Of frames that come late, before the first of a chunk: a block of Matroska has its time within its cluster in 16 bits. */
const MAX_LATE_MS = 10_000;
/** A second at 128 Mbit/s. */
const MAX_CHUNK_BYTES = 16 << 20;

interface Track {
  format: TrackFormat;
  /** The latest header, if it differs from that in the file, but can follow it. */
  changed: TrackFormat | undefined;
  /** Whether its next frame can be decoded. */
  hasBegun: boolean;
  /** Whether its header is now one that the file cannot take. */
  isMuted: boolean;
  /** Up to here, its frames are in the file already. */
  readonly resumedAtMs: number | undefined;
}

/** Cuts the frames of a broadcast into chunks, and writes them in one format or another. */
export class ChunkedWriter implements ContainerWriter {
  private readonly tracks = new Map<string, Track>();
  private readonly chapters: Chapter[];
  private position: number;
  private readonly names: TrackNames;
  /** The file's time 0 on the broadcast's timeline; undefined until the head is written. */
  private startMs: number | undefined;
  private isOutdated = false;
  /** As the stream's metadata say: HEVC and AV1 often do not. */
  private fps: number | undefined;
  /** On the broadcast's timeline. */
  private chunk: HeldSample[] = [];
  private chunkBytes = 0;
  /** Before the head, on the broadcast's timeline. */
  private readonly earlyChapters: Chapter[] = [];

  constructor(
    private readonly format: ChunkFormat,
    private readonly sink: ContainerSink,
    { from, names = {} }: { readonly from?: Continuation; readonly names?: TrackNames | undefined } = {},
  ) {
    this.names = names;
    this.position = from?.position ?? 0;
    this.startMs = from?.startMs;
    this.chapters = [...(from?.chapters ?? [])];
    for (const { format: trackFormat, lastDtsMs } of from?.tracks ?? []) {
      this.tracks.set(`${trackFormat.kind} ${trackFormat.track}`, {
        ...{ format: trackFormat, changed: undefined, hasBegun: false, isMuted: false },
        resumedAtMs: lastDtsMs === undefined ? undefined : lastDtsMs + (from?.startMs ?? 0),
      });
    }
  }

  accepts({ kind }: StreamTag): boolean {
    if (!this.isOutdated) return true;
    return !(kind === 'keyframe' || (kind === 'audio' && !this.tracks.has(MAIN_VIDEO)));
  }

  write(tag: StreamTag): void {
    if (tag.kind === 'metadata') this.fps = frameRateOf(tag.payload) ?? this.fps;
    else if (tag.kind === 'video-header' || tag.kind === 'audio-header' || isExtraHeader(tag))
      this.takeHeader(tag);
    else this.takeFrame(tag);
  }

  chapter(timestampMs: number, title: string): void {
    const chapter = { timestampMs, title: shortTitle(title) };
    if (this.startMs === undefined) this.earlyChapters.push(chapter);
    else this.addChapter(chapter, this.startMs);
  }

  flush(): void {
    if (this.chunk.length === 0) return;
    if (this.startMs === undefined) this.begin();
    const startMs = this.startMs ?? 0;
    for (const sample of this.chunk) {
      sample.dtsMs -= startMs;
      sample.ptsMs = Math.max(0, sample.ptsMs - startMs);
    }
    const samples = this.chunk;
    this.chunk = [];
    this.chunkBytes = 0;
    this.append(this.format.chunk(samples, this.position));
  }

  end(): void {
    this.flush();
    if (this.startMs === undefined) return;
    const { index, patches } = this.format.end(this.position, this.chapters);
    this.append(index);
    for (const { position, bytes } of patches) this.sink.patch(position, bytes);
  }

  private takeHeader(tag: StreamTag): void {
    const key = trackKey(tag);
    const format = formatOfHeader(tag);
    const track = this.tracks.get(key);
    const isReplaceable = this.startMs === undefined && track?.hasBegun !== true;
    if (track === undefined) {
      if (format === undefined) return;
      if (this.startMs === undefined) this.tracks.set(key, newTrack(format));
      else this.isOutdated = true;
    } else if (format !== undefined && isReplaceable) {
      track.format = format;
    } else if (format !== undefined && canFollow(track.format, format)) {
      track.changed = format.config.equals(track.format.config) ? undefined : format;
      if (track.isMuted) track.hasBegun = false;
      track.isMuted = false;
    } else {
      track.isMuted = true;
      this.isOutdated = true;
    }
  }

  private takeFrame(tag: StreamTag): void {
    const track = this.tracks.get(trackKey(tag));
    if (track === undefined || track.isMuted) return;
    const packet = readPacket(tag);
    if (packet === undefined || packet.isHeader || packet.codec !== track.format.codec) return;
    if (packet.data.length === 0) return;
    const dtsMs = Math.round(tag.timestampMs);
    if (this.startMs !== undefined && dtsMs < this.startMs) return;
    const isVideo = track.format.kind === 'video';
    const isKeyframe = !isVideo || tag.kind === 'keyframe' || tag.kind === 'extra-keyframe';
    const isInFile = track.resumedAtMs !== undefined && dtsMs <= track.resumedAtMs;
    track.hasBegun ||= isKeyframe || isInFile;
    if (isInFile || !track.hasBegun) return;
    this.add({
      format: track.format,
      dtsMs,
      ptsMs: dtsMs + packet.compositionMs,
      isKeyframe,
      isDisposable: isVideo && !isKeyframe && isUnused(tag, track.format, packet.data),
      data:
        isKeyframe && track.changed !== undefined ? withParameters(track.changed, packet.data) : packet.data,
    });
  }

  private add(sample: HeldSample): void {
    const [first] = this.chunk;
    const bytes = this.chunkBytes + sample.data.length;
    if (first !== undefined) {
      // Until the head is written, what comes after the first keyframe may be another track's header.
      const isCut = isMainKeyframe(sample) && this.startMs !== undefined;
      const aheadMs = sample.dtsMs - first.dtsMs;
      if (isCut || aheadMs >= MAX_CHUNK_MS || aheadMs <= -MAX_LATE_MS || bytes > MAX_CHUNK_BYTES)
        this.flush();
    }
    this.chunk.push(sample);
    this.chunkBytes += sample.data.length;
  }

  private begin(): void {
    const startMs = Math.min(...this.chunk.map(({ dtsMs }) => dtsMs));
    this.startMs = startMs;
    const video = this.tracks.get(MAIN_VIDEO);
    if (video !== undefined && video.format.frameMs === undefined && this.fps !== undefined)
      video.format = { ...video.format, frameMs: 1000 / this.fps };
    const formats = Array.from(this.tracks.values(), ({ format }) => this.named(format));
    this.append(this.format.head(formats.sort(byOrder), startMs));
    for (const chapter of this.earlyChapters) this.addChapter(chapter, startMs);
  }

  private named(format: TrackFormat): TrackFormat {
    const name = format.kind === 'audio' ? this.names[format.track] : undefined;
    return name === undefined ? format : { ...format, name };
  }

  private addChapter({ timestampMs, title }: Chapter, startMs: number): void {
    const chapter = { timestampMs: Math.max(0, timestampMs - startMs), title };
    this.chapters.push(chapter);
    this.append(this.format.note(chapter));
  }

  private append(bytes: Buffer): void {
    this.position += bytes.length;
    this.sink.append(bytes);
  }
}

const MAIN_VIDEO = 'video 0';

function newTrack(format: TrackFormat): Track {
  return { format, changed: undefined, hasBegun: false, isMuted: false, resumedAtMs: undefined };
}

export function isMainKeyframe({ format, isKeyframe }: Sample): boolean {
  return isKeyframe && format.kind === 'video' && format.track === 0;
}

/** Main tracks first, since players take the first of each kind. */
function byOrder(a: TrackFormat, b: TrackFormat): number {
  return a.track - b.track || (a.kind === b.kind ? 0 : a.kind === 'video' ? -1 : 1);
}

function isUnused({ kind }: StreamTag, { codec }: TrackFormat, frame: Buffer): boolean {
  if (kind !== 'extra-interframe') return kind === 'disposable';
  if (codec === 'h264') return isDisposable(frame, 0);
  return codec === 'hevc' && isDisposableHevc(frame, 0);
}
