import { randomUUID } from 'node:crypto';
import { recordingName } from '../../config/recording-name.js';
import type { RecordingConfig, RecordingFormat } from '../../config/recording-schema.js';
import { isHeaderKind, StreamHeaders } from '../../media/stream-headers.js';
import { carrierOf, isExtraHeader, isVideoFrame, type StreamTag, trackKey } from '../../media/stream-tag.js';
import type { FileToRecord } from '../../protocol/recorder.js';
import type { RecordingFeed } from './recording-feed.js';

const MEGABYTE = 1_000_000;
/**
 * What is held while nothing is written: of the first seconds of a recorder that hangs until it is replaced, and of a disk that is slow
 * for a while. Above, frames are left out, since the core's memory is bounded.
 */
const MOST_HELD = { bytes: 128 * 1024 * 1024, ms: 30_000 };
/** Between frames, until that is known, ms. */
const DEFAULT_STEP_MS = 33;

export interface RecordingOptions {
  readonly config: Pick<RecordingConfig, 'splitMinutes' | 'splitMb' | 'keepFreeMb'>;
  readonly folder: string;
  /** Name of its files, or a template of it. */
  readonly name: string;
  readonly format: RecordingFormat;
  readonly profile: string;
  /** The scene on air. */
  readonly scene: () => string | undefined;
  /** It begins, or has ceased, to leave frames out. */
  readonly onLoss: (isLosing: boolean) => void;
}

/** Makes files of the tags on air: where each begins, what is left out, and which timestamps it has. */
export class RecordingPlan {
  private readonly headers = new StreamHeaders();
  private readonly extraHeaders = new Map<string, StreamTag>();
  /** Timestamps of what was taken last, by track, ms. */
  private readonly lastMs = new Map<string, number>();
  private stepMs = DEFAULT_STEP_MS;
  /** What is subtracted from timestamps: the time that it was paused for, ms. */
  private shiftMs = 0;
  private wantsFile = true;
  private isWaiting = true;
  private isPausedNow = false;
  private pausedAtMs: number | undefined;
  private lossSinceMs: number | undefined;
  private lostTotalMs = 0;
  private file: { readonly settings: FileToRecord; readonly startMs: number; bytes: number } | undefined;
  private latest: FileToRecord | undefined;
  private fileCount = 0;

  constructor(
    private readonly options: RecordingOptions,
    private readonly feed: RecordingFeed,
  ) {}

  get isPaused(): boolean {
    return this.isPausedNow;
  }

  /** What was left out since too much was held, ms. */
  get lostMs(): number {
    return this.lostTotalMs;
  }

  /** The file that was begun last. */
  get current(): FileToRecord | undefined {
    return this.latest;
  }

  push(tag: StreamTag): void {
    if (isHeaderKind(tag.kind)) this.headers.set(tag.kind, tag.payload);
    else if (isExtraHeader(tag)) this.extraHeaders.set(trackKey(tag), tag);
    else {
      this.pushMedia(tag);
      return;
    }
    // Those of the next file are sent with its beginning.
    if (this.file !== undefined && !this.isPausedNow) this.feed.push({ tag: this.shifted(tag) });
  }

  /** The next keyframe begins another file. */
  split(): void {
    this.wantsFile = true;
  }

  pause(): void {
    this.isPausedNow = true;
    const lastMs = this.lastMs.get('video 0');
    if (this.file !== undefined && lastMs !== undefined) this.pausedAtMs ??= lastMs + this.stepMs;
  }

  /** Goes on with the next keyframe. */
  resume(): void {
    this.isPausedNow = false;
    this.isWaiting = true;
  }

  /** @param timestampMs on the broadcast's timeline */
  chapter(timestampMs: number, title: string): void {
    if (this.file === undefined) return;
    this.feed.command({ kind: 'chapter', timestampMs: Math.max(0, timestampMs - this.shiftMs), title });
  }

  /** Nothing follows. */
  close(): void {
    if (this.file !== undefined) this.feed.command({ kind: 'close' });
    this.file = undefined;
  }

  /** The file cannot be gone on with: another one takes what is held. */
  reopen(): void {
    const settings = this.nextFile();
    if (this.file !== undefined) this.file = { ...this.file, settings };
    this.latest = settings;
    this.feed.reopen({ kind: 'open', file: settings });
  }

  private pushMedia(tag: StreamTag): void {
    if (this.isPausedNow) return;
    if (tag.kind === 'keyframe') this.takeKeyframe(tag);
    if (this.isWaiting || this.file === undefined) return;
    const { bytes } = this.feed;
    if (bytes > MOST_HELD.bytes) {
      this.lose(tag.timestampMs);
      return;
    }
    const shifted = this.shifted(tag);
    const track = trackKey(tag);
    const lastMs = this.lastMs.get(track);
    if (lastMs !== undefined) {
      // Sound that was recorded before a pause, as it is a little ahead or behind.
      if (carrierOf(tag.kind) === 'audio' && shifted.timestampMs <= lastMs) return;
      if (isVideoFrame(tag) && shifted.timestampMs > lastMs) this.stepMs = shifted.timestampMs - lastMs;
    }
    this.lastMs.set(track, shifted.timestampMs);
    this.file.bytes += tag.payload.length;
    this.feed.push({ tag: shifted });
  }

  private takeKeyframe(tag: StreamTag): void {
    const { feed, lossSinceMs } = this;
    const share = lossSinceMs === undefined ? 1 : 0.5;
    if (feed.bytes > MOST_HELD.bytes * share || feed.durationMs > MOST_HELD.ms * share) {
      this.lose(tag.timestampMs);
      return;
    }
    if (lossSinceMs !== undefined) {
      this.lostTotalMs += Math.max(0, tag.timestampMs - lossSinceMs);
      this.lossSinceMs = undefined;
      this.options.onLoss(false);
    }
    if (this.pausedAtMs !== undefined) {
      this.shiftMs = tag.timestampMs - this.pausedAtMs;
      this.pausedAtMs = undefined;
    }
    this.isWaiting = false;
    if (this.wantsFile || this.isFull(tag)) this.open(tag);
  }

  private lose(timestampMs: number): void {
    this.isWaiting = true;
    if (this.lossSinceMs !== undefined) return;
    this.lossSinceMs = timestampMs;
    this.options.onLoss(true);
  }

  private isFull({ timestampMs }: StreamTag): boolean {
    const { splitMinutes = Number.POSITIVE_INFINITY, splitMb = Number.POSITIVE_INFINITY } =
      this.options.config;
    if (this.file === undefined) return true;
    const ms = timestampMs - this.shiftMs - this.file.startMs;
    return ms >= splitMinutes * 60_000 - this.stepMs / 2 || this.file.bytes >= splitMb * MEGABYTE;
  }

  private open(keyframe: StreamTag): void {
    const { timestampMs } = this.shifted(keyframe);
    const settings = this.nextFile();
    this.wantsFile = false;
    this.latest = settings;
    this.file = { settings, startMs: timestampMs, bytes: 0 };
    this.feed.command({ kind: 'open', file: settings });
    for (const [kind, payload] of this.headers.entries())
      this.feed.push({ tag: { ...keyframe, kind, timestampMs, payload } });
    for (const header of this.extraHeaders.values()) this.feed.push({ tag: { ...header, timestampMs } });
  }

  private nextFile(): FileToRecord {
    const { folder, name, format, profile, scene, config } = this.options;
    this.fileCount += 1;
    return {
      id: randomUUID(),
      folder,
      name: recordingName(name, { at: new Date(), n: this.fileCount, scene: scene(), profile }),
      format,
      keepFreeBytes: config.keepFreeMb * MEGABYTE,
    };
  }

  private shifted(tag: StreamTag): StreamTag {
    return this.shiftMs === 0 ? tag : { ...tag, timestampMs: tag.timestampMs - this.shiftMs };
  }
}
