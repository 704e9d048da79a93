import { randomUUID } from 'node:crypto';
import { recordingName } from '../../config/recording-name.js';
import type { RecordingConfig, RecordingFormat } from '../../config/recording-schema.js';
import { repeatable } from '../../media/repeatable-frame.js';
import { isHeaderKind, StreamHeaders } from '../../media/stream-headers.js';
import { carrierOf, isExtraAudio, isExtraHeader, type StreamTag, trackKey } from '../../media/stream-tag.js';
import type { FileToRecord } from '../../protocol/recorder.js';
import type { RecordingFeed } from './recording-feed.js';
import { SilentGaps } from './silent-gaps.js';
import type { TakeTimes } from './take-times.js';

const MEGABYTE = 1_000_000;
/**
 * What is held while nothing is written: of the first seconds of a recorder that hangs until it is replaced, and of a disk that is slow
 * for a while. Above, frames are left out, since the core's memory is bounded.
 */
const MOST_HELD = { bytes: 128 * 1024 * 1024, ms: 30_000 };

/** The programme's track of sound. */
const MAIN_SOUND = 'audio 0';

export interface RecordingOptions {
  readonly config: Pick<RecordingConfig, 'keepFreeMb'>;
  readonly folder: string;
  /** Name of its files, or a template of it. */
  readonly name: string;
  readonly format: RecordingFormat;
  readonly profile: string;
  /** What it is of, besides the programme: see `feedName`. */
  readonly feed?: string | undefined;
  /** Names of the audio tracks. */
  readonly trackNames?: FileToRecord['trackNames'];
  /** The scene on air. */
  readonly scene: () => string | undefined;
  /** When its files begin, and what is left out. */
  readonly times: TakeTimes;
  /** It begins, or has ceased, to leave frames out. */
  readonly onLoss: (isLosing: boolean) => void;
}

/** Makes files of the tags on air: what goes into which, and with which timestamps. */
export class RecordingPlan {
  private readonly headers = new StreamHeaders();
  private readonly extraHeaders = new Map<string, StreamTag>();
  /** Timestamps of what was taken last, by track, ms. */
  private readonly lastMs = new Map<string, number>();
  /** By track. */
  private readonly gaps = new Map<string, SilentGaps>();
  private isWaiting = true;
  private lossSinceMs: number | undefined;
  private lostTotalMs = 0;
  private file: { readonly number: number; readonly startMs: number } | undefined;
  private latest: FileToRecord | undefined;
  private fileCount = 0;

  constructor(
    private readonly options: RecordingOptions,
    private readonly feed: RecordingFeed,
  ) {}

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
    if (carrierOf(tag.kind) === 'audio') this.gapsOf(tag).takeHeader(tag.payload);
    // Those of the next file are sent with its beginning.
    if (this.file !== undefined && !this.options.times.isPaused) this.feed.push({ tag: this.shifted(tag) });
  }

  /** @param timestampMs on the broadcast's timeline */
  chapter(timestampMs: number, title: string): void {
    if (this.file === undefined) return;
    const { shiftMs } = this.options.times;
    this.feed.command({ kind: 'chapter', timestampMs: Math.max(0, timestampMs - shiftMs), title });
  }

  /** Nothing follows. */
  close(): void {
    if (this.file !== undefined) {
      this.fillEnds();
      this.feed.command({ kind: 'close' });
    }
    this.file = undefined;
  }

  /** The file cannot be gone on with: another one takes what is held. */
  reopen(): void {
    const settings = this.nextFile();
    this.latest = settings;
    this.feed.reopen({ kind: 'open', file: settings });
  }

  private pushMedia(tag: StreamTag): void {
    if (this.options.times.isHeld) {
      this.isWaiting = true;
      return;
    }
    if (tag.kind === 'keyframe') this.takeKeyframe(tag);
    if (this.isWaiting || this.file === undefined) return;
    if (this.feed.bytes > MOST_HELD.bytes) {
      this.lose(tag.timestampMs);
      return;
    }
    const shifted = this.shifted(tag);
    const { timestampMs } = shifted;
    const track = trackKey(tag);
    if (carrierOf(tag.kind) === 'audio') {
      // Sound that was recorded before a pause, or belongs before the file, as it is a little ahead or behind.
      const lastMs = this.lastMs.get(track) ?? Number.NEGATIVE_INFINITY;
      const gaps = this.gapsOf(tag);
      if (timestampMs <= lastMs || timestampMs < this.file.startMs || gaps.isTaken(timestampMs)) return;
      this.fill(gaps, timestampMs);
      gaps.note(timestampMs);
    }
    this.lastMs.set(track, timestampMs);
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
    this.isWaiting = false;
    const { file } = this.options.times;
    const keyframe = this.shifted(tag);
    if (file !== undefined && file.number !== this.file?.number && keyframe.timestampMs >= file.startMs)
      this.open(keyframe, file);
  }

  private lose(timestampMs: number): void {
    this.isWaiting = true;
    if (this.lossSinceMs !== undefined) return;
    this.lossSinceMs = timestampMs;
    this.options.onLoss(true);
  }

  private open(keyframe: StreamTag, file: { readonly number: number; readonly startMs: number }): void {
    const { startMs: timestampMs } = file;
    const settings = this.nextFile();
    this.latest = settings;
    if (this.file !== undefined) this.fillEnds();
    this.file = file;
    this.feed.command({ kind: 'open', file: settings });
    for (const [kind, payload] of this.headers.entries())
      this.feed.push({ tag: { ...keyframe, kind, timestampMs, payload } });
    for (const header of this.extraHeaders.values()) this.feed.push({ tag: { ...header, timestampMs } });
    for (const gaps of this.gaps.values()) gaps.begin(timestampMs);
    if (keyframe.timestampMs > timestampMs) this.fillBeginning(keyframe, timestampMs);
  }

  /** It begins with all the others, and shows its first frame until then. */
  private fillBeginning(keyframe: StreamTag, timestampMs: number): void {
    this.feed.push({ tag: { ...keyframe, timestampMs, payload: repeatable(keyframe.payload) } });
    for (const gaps of this.gaps.values()) this.fill(gaps, keyframe.timestampMs);
  }

  /** Tracks of buses end with the programme's: there is no slate for them, and on a busy computer they may be late. */
  private fillEnds(): void {
    const endMs = this.gaps.get(MAIN_SOUND)?.endMs;
    if (endMs !== undefined) for (const gaps of this.gaps.values()) this.fill(gaps, endMs);
  }

  private fill(gaps: SilentGaps, untilMs: number): void {
    for (const tag of gaps.until(untilMs)) this.feed.push({ tag });
  }

  /** A track that is announced while the file is written begins with what comes. */
  private gapsOf(tag: StreamTag): SilentGaps {
    const key = trackKey(tag);
    const gaps = this.gaps.get(key) ?? new SilentGaps(isExtraAudio(tag) ? (tag.track ?? 0) : 0);
    this.gaps.set(key, gaps);
    return gaps;
  }

  private nextFile(): FileToRecord {
    const { folder, name, format, profile, scene, feed, config, trackNames } = this.options;
    this.fileCount += 1;
    return {
      id: randomUUID(),
      folder,
      name: recordingName(name, { at: new Date(), n: this.fileCount, scene: scene(), profile, feed }),
      format,
      ...(trackNames === undefined ? {} : { trackNames }),
      keepFreeBytes: config.keepFreeMb * MEGABYTE,
    };
  }

  private shifted(tag: StreamTag): StreamTag {
    const { shiftMs } = this.options.times;
    return shiftMs === 0 ? tag : { ...tag, timestampMs: tag.timestampMs - shiftMs };
  }
}
