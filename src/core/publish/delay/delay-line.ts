import { parseAacHeader, UNKNOWN_AUDIO } from '../../../media/aac.js';
import {
  isExtraFrame,
  isExtraHeader,
  isExtraKind,
  isVideoFrame,
  type StreamTag,
  trackKey,
} from '../../../media/stream-tag.js';
import { parseVideoPayload } from '../../../media/video-payload.js';
import { DelayCutting, isHeader } from './delay-cutting.js';

/** Number of entries removed from the front before the list is compacted. */
const COMPACT_AT = 1024;
/** How much longer than its frames the step between timestamps of sound may be, since they are whole, ms. */
const ROUNDED_MS = 1;

interface Held {
  /** As on the timeline. */
  readonly tag: StreamTag;
  /** Timestamp that it leaves with, ms: earlier by what was cut before it. */
  readonly atMs: number;
}

/** Where a track of the delayed stream ends. */
interface TrackEnd {
  /** DTS of its last tag, ms. */
  readonly dtsMs: number;
  /** The latest PTS, ms. */
  readonly ptsMs: number;
}

/**
 * The part of the stream that is on its way to one output and has not aired yet. A tag leaves when it is as old as the delay, by
 * its timestamp rather than by its arrival, so that the pace is even. It never leaves out anything, unless it is cut: when there
 * is no room for the whole delay, tags leave early.
 *
 * What follows a cut begins with a keyframe, and is moved to the place where the cut began. Sound has to stay on its grid of
 * frames, so it is moved by up to half a frame more or less than the video; this does not add up over several cuts.
 */
export class DelayLine {
  private entries: Held[] = [];
  private head = 0;
  private heldBytes = 0;
  /** The clock's value at the timeline's 0; undefined before the first frame. */
  private originMs: number | undefined;
  /** Latest timestamp that has arrived, on the timeline, ms. */
  private newestMs = 0;
  /** How much earlier than on the timeline tags are now, ms. */
  private videoMovedMs = 0;
  private audioMovedMs = 0;
  private audioFrameMs = UNKNOWN_AUDIO.frameMs;
  /** From one video frame to the next, ms. */
  private stepMs = 1;
  private lastFrameMs = 0;
  /** Of what has left. */
  private readonly aired: { video?: TrackEnd; audioMs?: number } = {};
  private cutting: DelayCutting | undefined;
  /** Where the stream continued after the last cut, on the timeline, ms: what is earlier comes too late. */
  private resumedMs = Number.NEGATIVE_INFINITY;
  /** Set after a cut until its sound continues. */
  private resumingSound: { readonly fromMs: number; readonly nextMs: number | undefined } | undefined;
  /** Further video tracks, by `trackKey`, and whether they can be decoded. */
  private readonly extraTracks = new Map<string, boolean>();

  constructor(
    private readonly delayMs: number,
    private readonly maxBytes: number,
  ) {}

  /** How much of the stream has not aired yet, ms. */
  get heldMs(): number {
    const oldest = this.entries[this.head];
    if (oldest === undefined) return 0;
    const endMs = this.cutting?.startMs ?? this.newestMs - this.videoMovedMs;
    return Math.max(0, endMs - oldest.atMs);
  }

  get bytes(): number {
    return this.heldBytes;
  }

  /** All that was cut so far, ms. Grows while {@link isCutting}. */
  get cutMs(): number {
    const { cutting, videoMovedMs } = this;
    return cutting === undefined ? videoMovedMs : Math.max(videoMovedMs, this.newestMs - cutting.startMs);
  }

  /** Whether everything that arrives is left out, until the next keyframe. */
  get isCutting(): boolean {
    return this.cutting !== undefined;
  }

  /** When the next tag leaves, on the clock of `readAtMs`; undefined if it is not known. */
  get nextDueMs(): number | undefined {
    const next = this.entries[this.head];
    if (next === undefined || this.originMs === undefined) return undefined;
    return this.heldBytes > this.maxBytes
      ? Number.NEGATIVE_INFINITY
      : this.originMs + next.atMs + this.delayMs;
  }

  /** Takes the next tag of the timeline. */
  push(tag: StreamTag): void {
    if (!isHeader(tag)) {
      this.originMs ??= tag.readAtMs - tag.timestampMs;
      this.newestMs = Math.max(this.newestMs, tag.timestampMs);
    }
    if (isVideoFrame(tag)) {
      if (tag.timestampMs > this.lastFrameMs) this.stepMs = tag.timestampMs - this.lastFrameMs;
      this.lastFrameMs = tag.timestampMs;
    }
    if (tag.kind === 'audio-header') this.audioFrameMs = parseAacHeader(tag.payload).frameMs;
    const { cutting } = this;
    if (cutting === undefined) this.append(tag);
    else if (tag.kind === 'keyframe') this.resume(cutting, tag);
    // The sound of frames that are not cut may come after them.
    else if (tag.kind === 'audio' && this.isKept(tag, tag.timestampMs - this.audioMovedMs, cutting))
      this.append(tag);
    else cutting.keep(tag);
  }

  /** What leaves now, with the timestamps for viewers. */
  takeDue(nowMs: number): StreamTag[] {
    const due: StreamTag[] = [];
    for (;;) {
      const next = this.entries[this.head];
      const { nextDueMs } = this;
      if (next === undefined || nextDueMs === undefined || nextDueMs > nowMs) break;
      this.head++;
      const { tag, atMs } = next;
      this.heldBytes -= tag.payload.length;
      if (isVideoFrame(tag)) this.aired.video = endOf(this.aired.video, next);
      else if (tag.kind === 'audio') this.aired.audioMs = atMs;
      due.push({ ...tag, timestampMs: atMs, readAtMs: nowMs });
    }
    if (this.head === this.entries.length || this.head >= COMPACT_AT) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return due;
  }

  /**
   * Removes the last `lastMs` of the stream as far as they have not aired: from the keyframe before, or from here on where that
   * has aired, to the next keyframe that arrives.
   */
  cut(lastMs: number): void {
    const held = this.entries.slice(this.head);
    const fromMs = this.newestMs - lastMs;
    // The one that was shown at that moment.
    const frame = held.findIndex(
      ({ tag }) => isVideoFrame(tag) && tag.timestampMs + compositionMs(tag) + this.stepMs > fromMs,
    );
    const keyframe = held.findLastIndex(({ tag }, index) => index <= frame && tag.kind === 'keyframe');
    const first = Math.max(0, keyframe);
    const removed = held[keyframe === -1 ? frame : keyframe];
    if (removed === undefined) return;
    const before = held.slice(0, first);
    const video = before.filter(({ tag }) => isVideoFrame(tag)).reduce(endOf, this.aired.video);
    const startMs = this.startOf(removed, video);
    const cutting = this.cutting ?? new DelayCutting();
    cutting.startMs = startMs;
    cutting.arrivedMs = startMs + removed.tag.timestampMs - removed.atMs;
    cutting.video = video;
    const kept = held.filter(({ tag, atMs }, index) =>
      tag.kind === 'audio' ? this.isKept(tag, atMs, cutting) : index < first,
    );
    for (const { tag } of held.slice(first).reverse()) if (isHeader(tag)) cutting.keepEarlier(tag);
    cutting.keepSound(
      held
        .filter(({ tag, atMs }) => tag.kind === 'audio' && !this.isKept(tag, atMs, cutting))
        .map(({ tag }) => tag),
    );
    this.entries = kept;
    this.head = 0;
    this.heldBytes = kept.reduce((sum, { tag }) => sum + tag.payload.length, 0);
    this.cutting = cutting;
  }

  /** PTS of the first frame that is cut. */
  private startOf(first: Held, before: TrackEnd | undefined): number {
    const startMs = first.atMs + compositionMs(first.tag);
    return first.tag.kind === 'keyframe' || before === undefined ? startMs : before.ptsMs + this.stepMs;
  }

  /** Continues with this keyframe where the cut began. */
  private resume(cutting: DelayCutting, keyframe: StreamTag): void {
    const { startMs, video } = cutting;
    const audioMs = this.entries.findLast(({ tag }) => tag.kind === 'audio')?.atMs ?? this.aired.audioMs;
    this.cutting = undefined;
    const ms = keyframe.timestampMs;
    this.videoMovedMs = Math.min(
      ms + compositionMs(keyframe) - startMs,
      video === undefined ? Number.POSITIVE_INFINITY : ms - video.dtsMs - 1,
    );
    this.audioMovedMs = this.videoMovedMs;
    this.resumedMs = ms;
    this.resumingSound = {
      fromMs: startMs,
      nextMs: audioMs === undefined ? undefined : audioMs + this.audioFrameMs,
    };
    for (const key of this.extraTracks.keys()) this.extraTracks.set(key, false);
    for (const header of cutting.headers()) this.add(header, ms - this.videoMovedMs);
    this.append(keyframe);
    for (const sound of cutting.sound) this.append(sound);
  }

  private append(tag: StreamTag): void {
    const ms = tag.timestampMs - this.videoMovedMs;
    if (isExtraKind(tag.kind)) {
      if (this.takesExtra(tag)) this.add(tag, ms);
    } else if (tag.kind === 'audio') {
      if (this.takesSound(tag)) this.add(tag, tag.timestampMs - this.audioMovedMs);
    } else {
      this.add(tag, ms);
    }
  }

  /** Whether this is not left over from what was cut. Sets by how much sound is moved from now on. */
  private takesSound({ timestampMs }: StreamTag): boolean {
    const resuming = this.resumingSound;
    if (resuming === undefined) return true;
    const atMs = timestampMs - this.videoMovedMs;
    const { audioFrameMs } = this;
    const { fromMs, nextMs } = resuming;
    if (nextMs === undefined) {
      if (atMs >= fromMs) this.resumingSound = undefined;
      return atMs >= fromMs;
    }
    // Sound that was missing before the cut is not made up for by what was cut.
    if (this.isBefore(atMs, fromMs - nextMs > audioFrameMs ? fromMs : nextMs)) return false;
    this.resumingSound = undefined;
    const slots = Math.max(0, Math.round((atMs - nextMs - ROUNDED_MS) / audioFrameMs));
    this.audioMovedMs = timestampMs - Math.round(nextMs + slots * audioFrameMs);
    return true;
  }

  /** Whether it is the sound of frames before the cut: by both times, since the sound at the place of an earlier cut may be from after it. */
  private isKept(
    { timestampMs }: StreamTag,
    atMs: number,
    { video, startMs, arrivedMs }: DelayCutting,
  ): boolean {
    return video !== undefined && this.isBefore(atMs, startMs) && this.isBefore(timestampMs, arrivedMs);
  }

  /** Whether more of this sound is before that moment than after it. */
  private isBefore(atMs: number, momentMs: number): boolean {
    return atMs < momentMs - this.audioFrameMs / 2;
  }

  private takesExtra(tag: StreamTag): boolean {
    if (isExtraHeader(tag)) return true;
    if (tag.timestampMs < this.resumedMs) return false;
    if (!isExtraFrame(tag)) return true;
    const key = trackKey(tag);
    if (tag.kind === 'extra-keyframe') this.extraTracks.set(key, true);
    return this.extraTracks.get(key) !== false;
  }

  private add(tag: StreamTag, atMs: number): void {
    this.entries.push({ tag, atMs });
    this.heldBytes += tag.payload.length;
  }
}

function compositionMs({ payload }: StreamTag): number {
  return parseVideoPayload(payload).compositionMs;
}

function endOf(end: TrackEnd | undefined, { tag, atMs }: Held): TrackEnd {
  const ptsMs = atMs + compositionMs(tag);
  return { dtsMs: atMs, ptsMs: Math.max(ptsMs, end?.ptsMs ?? ptsMs) };
}
