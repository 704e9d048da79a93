import type { StreamTag } from '../stream-tag.js';
import type { TrackNames } from './tracks.js';

/**
 * What a recording is written to. Calls take effect in their order: a patch after everything appended before it, also on
 * the disk. A container appends whole units alone (its head, a cluster or fragment of 0.4 s at most, its index), so that
 * everything up to the end of any call to `append` can be played.
 */
export interface ContainerSink {
  append(bytes: Buffer): void;
  /** Overwrites bytes that were appended before. Only {@link ContainerWriter.end} and {@link Container.resume} do so. */
  patch(position: number, bytes: Buffer): void;
}

/**
 * Writes one file. The file begins with the latest headers (metadata, video, audio, further tracks, as of `GopCache.snapshot`),
 * and then a keyframe or the sound before it. Frames of a track are left out until its first keyframe, and those of a
 * track whose header has not been there within the file's first 0.4 s for the whole file.
 */
export interface ContainerWriter {
  /**
   * Whether this tag can follow in this file. If not, a new file has to begin: with the latest headers of all tracks, then this tag.
   * It is false only for a tag with which a file can begin (a keyframe of the main video track; a frame of sound where there is no
   * video), and only after a header has been written that changes what this file tells its players: another
   * codec, frame size, sample rate or number of channels, or another track. Every header is to be written, therefore, without regard to this.
   */
  accepts(tag: StreamTag): boolean;
  /** Timestamps are on the broadcast's timeline; the file's own begin at 0 with the first frame in it. */
  write(tag: StreamTag): void;
  /** A marker, on the broadcast's timeline. It is kept in the file at once, and listed for players by {@link end}. */
  chapter(timestampMs: number, title: string): void;
  /** Appends what is held back to fill a cluster or fragment: before a pause, or when nothing has come for a while. */
  flush(): void;
  /** Appends what is held back and the index. Nothing may be written after it. A file without any frame is left empty. */
  end(): void;
}

/** A file that is read in pieces. */
export interface ReadableFile {
  /** Bytes. */
  readonly size: number;
  /** These bytes, and fewer only at the end of the file. */
  read(position: number, length: number): Promise<Buffer>;
}

export interface ScannedTrack {
  readonly kind: 'video' | 'audio';
  /** 0 for the main track; otherwise its number, as in `StreamTag.track`. */
  readonly track: number;
  /** Such as `h264`, as by `videoCodecOf` and `audioCodecOf`. */
  readonly codec: string;
  /** PTS of the latest frame, on the broadcast's timeline, ms; undefined if there is none. */
  readonly lastTimestampMs: number | undefined;
}

/** What is whole in a file of {@link Container}. */
export interface ScannedFile {
  /** The file has to be cut to this size before it is resumed. */
  readonly wholeBytes: number;
  /** Whether it has its index: nothing has to be done. */
  readonly isComplete: boolean;
  /** Where the file's own time 0 is on the broadcast's timeline, ms. */
  readonly startMs: number;
  /** The end of the latest frame of any track, in the file's own time, ms. */
  readonly endMs: number;
  readonly tracks: readonly ScannedTrack[];
}

export interface Container {
  /** Of file names, with the dot. */
  readonly extension: '.mkv' | '.mp4';
  begin(sink: ContainerSink, names?: TrackNames): ContainerWriter;
  /**
   * Finds what is whole in a file that was cut off.
   *
   * @returns undefined if nothing of it can be played, or if it is not a file of this container
   */
  scan(file: ReadableFile): Promise<ScannedFile | undefined>;
  /**
   * Goes on with a file that has been cut to `wholeBytes`; its sink appends from there on. What the file has already is left out, so that
   * the core's last GOPs can be written to it as they are: the headers, then from a keyframe on. To repair a file that nothing will be added
   * to, {@link ContainerWriter.end} it at once.
   *
   * @param scanned by {@link scan} of this container; it is used up
   */
  resume(sink: ContainerSink, scanned: ScannedFile): ContainerWriter;
}
