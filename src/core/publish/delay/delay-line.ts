import { parseAacHeader, UNKNOWN_AUDIO } from '../../../media/aac.js';
import {
  isExtraFrame,
  isExtraHeader,
  isExtraKind,
  isVideoFrame,
  isVideoFrameKind,
  type StreamTag,
  trackKey,
} from '../../../media/stream-tag.js';
import { DelayCutting, isHeader, type PlacedTag } from './delay-cutting.js';
import type { DelayStore, HeldTag } from './delay-store.js';

/** Number of entries removed from the front before the list is compacted. */
const COMPACT_AT = 1024;
/** How much longer than its frames the step between timestamps of sound may be, since they are whole, ms. */
const ROUNDED_MS = 1;

/** How long before it airs a tag is read from disk, ms: a part of the delay, and no more than this. */
const MOST_AHEAD_MS = 10_000;
const SHARE_AHEAD = 0.25;
/** What may be in memory for that, bytes. */
const MOST_AHEAD_BYTES = 32 << 20;

interface Held extends PlacedTag {
  /** Timestamp that it leaves with, ms: earlier by what was cut before it. */
  readonly atMs: number;
  isWanted: boolean;
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
  /** The first one that has not been asked to be in memory. */
  private ahead = 0;
  private aheadBytes = 0;
  private readonly aheadMs: number;
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
    private readonly store: DelayStore,
  ) {
    this.aheadMs = Math.min(MOST_AHEAD_MS, delayMs * SHARE_AHEAD);
  }

  /** How much of the stream has not aired yet, ms. */
  get heldMs(): number {
    const oldest = this.entries[this.head];
    if (oldest === undefined) return 0;
    const endMs = this.cutting?.startMs ?? this.newestMs - this.videoMovedMs;
    return Math.max(0, endMs - oldest.atMs);
  }

  /** Whether all that waits is in memory. */
  get isInMemory(): boolean {
    const oldest = this.entries[this.head];
    return oldest === undefined || !oldest.tag.isOnDisk;
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

  /**
   * When the next tag leaves, or has to be asked for, on the clock of `readAtMs`; undefined if it is not known, also while it is being
   * read from disk.
   */
  get nextDueMs(): number | undefined {
    const next = this.entries[this.head];
    if (next === undefined || this.originMs === undefined) return undefined;
    const { tag, atMs, isWanted } = next;
    if (tag.isLost || (this.store.isFull && !tag.isOnDisk)) return Number.NEGATIVE_INFINITY;
    const dueMs = this.originMs + atMs + this.delayMs;
    if (tag.payload !== undefined) return dueMs;
    return isWanted ? undefined : dueMs - this.aheadMs;
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
    const placed = { tag: this.store.hold(tag), ms: tag.timestampMs };
    const { cutting } = this;
    if (cutting === undefined) this.append(placed);
    else if (tag.kind === 'keyframe') this.resume(cutting, placed);
    // The sound of frames that are not cut may come after them.
    else if (tag.kind === 'audio' && this.isKept(placed.ms, placed.ms - this.audioMovedMs, cutting))
      this.append(placed);
    else cutting.keep(placed.tag, placed.ms);
  }

  /** Has what airs next read from disk. */
  readAhead(nowMs: number): void {
    // What leaves early has not been asked for.
    for (this.ahead = Math.max(this.ahead, this.head); this.ahead < this.entries.length; this.ahead++) {
      const next = this.entries[this.ahead];
      if (next === undefined || (this.aheadBytes > MOST_AHEAD_BYTES && this.ahead > this.head)) return;
      if ((this.originMs ?? nowMs) + next.atMs + this.delayMs - this.aheadMs > nowMs) return;
      if (next.isWanted) continue;
      next.isWanted = true;
      this.aheadBytes += next.tag.bytes;
      this.store.want(next.tag);
    }
  }

  /** What leaves now, with the timestamps for viewers. */
  takeDue(nowMs: number): StreamTag[] {
    const due: StreamTag[] = [];
    for (;;) {
      const next = this.entries[this.head];
      const { nextDueMs } = this;
      if (next === undefined || nextDueMs === undefined || nextDueMs > nowMs) break;
      if (next.tag.isLost) {
        this.leaveOutLost();
        continue;
      }
      const { kind, track, payload } = next.tag;
      if (payload === undefined) break;
      this.head++;
      const { atMs } = next;
      if (isVideoFrameKind(kind)) this.aired.video = endOf(this.aired.video, next);
      else if (kind === 'audio') this.aired.audioMs = atMs;
      due.push({
        ...{ kind, timestampMs: atMs, payload, readAtMs: nowMs },
        ...(track === undefined ? {} : { track }),
      });
      this.release(next);
    }
    if (this.head === this.entries.length || this.head >= COMPACT_AT) {
      this.ahead = Math.max(0, this.ahead - this.head);
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return due;
  }

  /** Nothing airs any more. */
  dispose(): void {
    for (const held of this.entries.slice(this.head)) this.release(held);
    for (const tag of this.cutting?.all() ?? []) this.discard(tag);
    this.entries = [];
    this.head = 0;
    this.cutting = undefined;
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
      ({ tag, ms }) => isVideoFrameKind(tag.kind) && ms + tag.compositionMs + this.stepMs > fromMs,
    );
    const keyframe = held.findLastIndex(({ tag }, index) => index <= frame && tag.kind === 'keyframe');
    const first = Math.max(0, keyframe);
    const removed = held[keyframe === -1 ? frame : keyframe];
    if (removed === undefined) return;
    const before = held.slice(0, first);
    const video = before.filter(({ tag }) => isVideoFrameKind(tag.kind)).reduce(endOf, this.aired.video);
    const startMs = this.startOf(removed, video);
    const cutting = this.cutting ?? new DelayCutting(this.discard);
    cutting.startMs = startMs;
    cutting.arrivedMs = startMs + removed.ms - removed.atMs;
    cutting.video = video;
    const isKept = ({ tag, ms, atMs }: Held, index: number) =>
      tag.kind === 'audio' ? this.isKept(ms, atMs, cutting) : index < first;
    const left = held.filter((entry, index) => !isKept(entry, index));
    this.entries = held.filter(isKept);
    this.head = 0;
    this.ahead = 0;
    for (const entry of left) this.unwant(entry);
    for (const { tag } of [...left].reverse()) {
      if (isHeader(tag)) cutting.keepEarlier(tag);
      else if (tag.kind !== 'audio') this.discard(tag);
    }
    cutting.keepSound(left.filter(({ tag }) => tag.kind === 'audio'));
    this.cutting = cutting;
  }

  /**
   * Leaves out what cannot be read any more at the front. The stream goes on with the keyframe after it, where what has aired ends; after a
   * cut where there is none.
   */
  private leaveOutLost(): void {
    const held = this.entries.slice(this.head);
    const [first] = held;
    if (first === undefined) return;
    if (!isVideoFrameKind(first.tag.kind)) {
      this.head++;
      this.release(first);
      return;
    }
    const next = held.findIndex(({ tag }) => tag.kind === 'keyframe' && !tag.isLost);
    const keyframe = held[next];
    if (keyframe === undefined) {
      this.cut(Number.POSITIVE_INFINITY);
      return;
    }
    const { video, audioMs } = this.aired;
    const ptsMs = keyframe.atMs + keyframe.tag.compositionMs;
    const startMs = video === undefined ? first.atMs + first.tag.compositionMs : video.ptsMs + this.stepMs;
    const mostMs = video === undefined ? Number.POSITIVE_INFINITY : keyframe.atMs - video.dtsMs - 1;
    const movedMs = Math.min(ptsMs - startMs, mostMs);
    const isNext = ({ tag, atMs }: Held, index: number) =>
      tag.kind === 'audio' ? !this.isBefore(atMs, ptsMs) : index >= next || isHeader(tag);
    const sound = held.find((entry, index) => entry.tag.kind === 'audio' && isNext(entry, index));
    const soundMovedMs =
      sound === undefined ? movedMs : this.onGrid(sound.atMs - movedMs, audioMs, sound.atMs);
    for (const [index, entry] of held.entries()) if (!isNext(entry, index)) this.release(entry);
    // Headers from what is left out come with the keyframe.
    this.entries = held.filter(isNext).map((entry) => ({
      ...entry,
      atMs:
        entry.tag.kind === 'audio'
          ? entry.atMs - soundMovedMs
          : Math.max(entry.atMs, keyframe.atMs) - movedMs,
    }));
    this.head = 0;
    this.ahead = 0;
    this.moveEarlier(movedMs, soundMovedMs);
  }

  /** By how much sound is moved so that it comes at about `wantedMs`, and on the grid of the sound that has aired. */
  private onGrid(wantedMs: number, airedMs: number | undefined, atMs: number): number {
    if (airedMs === undefined) return atMs - wantedMs;
    const frames = Math.max(1, Math.round((wantedMs - airedMs) / this.audioFrameMs));
    return atMs - Math.round(airedMs + frames * this.audioFrameMs);
  }

  /** What arrives from now on follows what was moved. */
  private moveEarlier(videoMs: number, soundMs: number): void {
    const { cutting, resumingSound } = this;
    this.videoMovedMs += videoMs;
    this.audioMovedMs += soundMs;
    if (resumingSound !== undefined) {
      const { fromMs, nextMs } = resumingSound;
      this.resumingSound = {
        fromMs: fromMs - videoMs,
        nextMs: nextMs === undefined ? undefined : nextMs - soundMs,
      };
    }
    if (cutting === undefined) return;
    cutting.startMs -= videoMs;
    if (cutting.video === undefined) return;
    const { dtsMs, ptsMs } = cutting.video;
    cutting.video = { dtsMs: dtsMs - videoMs, ptsMs: ptsMs - videoMs };
  }

  /** PTS of the first frame that is cut. */
  private startOf(first: Held, before: TrackEnd | undefined): number {
    const startMs = first.atMs + first.tag.compositionMs;
    return first.tag.kind === 'keyframe' || before === undefined ? startMs : before.ptsMs + this.stepMs;
  }

  /** Continues with this keyframe where the cut began. */
  private resume(cutting: DelayCutting, keyframe: PlacedTag): void {
    const { startMs, video } = cutting;
    const audioMs = this.entries.findLast(({ tag }) => tag.kind === 'audio')?.atMs ?? this.aired.audioMs;
    this.cutting = undefined;
    const { ms } = keyframe;
    this.videoMovedMs = Math.min(
      ms + keyframe.tag.compositionMs - startMs,
      video === undefined ? Number.POSITIVE_INFINITY : ms - video.dtsMs - 1,
    );
    this.audioMovedMs = this.videoMovedMs;
    this.resumedMs = ms;
    this.resumingSound = {
      fromMs: startMs,
      nextMs: audioMs === undefined ? undefined : audioMs + this.audioFrameMs,
    };
    for (const key of this.extraTracks.keys()) this.extraTracks.set(key, false);
    for (const tag of cutting.headers()) this.add({ tag, ms }, ms - this.videoMovedMs);
    this.append(keyframe);
    for (const sound of cutting.sound) this.append(sound);
  }

  private append(placed: PlacedTag): void {
    const { tag, ms } = placed;
    const isTaken = isExtraKind(tag.kind)
      ? this.takesExtra(tag)
      : tag.kind !== 'audio' || this.takesSound(ms);
    if (isTaken) this.add(placed, ms - (tag.kind === 'audio' ? this.audioMovedMs : this.videoMovedMs));
    else this.discard(tag);
  }

  /** Whether this is not left over from what was cut. Sets by how much sound is moved from now on. */
  private takesSound(timestampMs: number): boolean {
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
  private isKept(ms: number, atMs: number, { video, startMs, arrivedMs }: DelayCutting): boolean {
    return video !== undefined && this.isBefore(atMs, startMs) && this.isBefore(ms, arrivedMs);
  }

  /** Whether more of this sound is before that moment than after it. */
  private isBefore(atMs: number, momentMs: number): boolean {
    return atMs < momentMs - this.audioFrameMs / 2;
  }

  private takesExtra(tag: HeldTag): boolean {
    if (isExtraHeader(tag)) return true;
    if (tag.timestampMs < this.resumedMs) return false;
    if (!isExtraFrame(tag)) return true;
    const key = trackKey(tag);
    if (tag.kind === 'extra-keyframe') this.extraTracks.set(key, true);
    return this.extraTracks.get(key) !== false;
  }

  private add({ tag, ms }: PlacedTag, atMs: number): void {
    this.entries.push({ tag, ms, atMs, isWanted: false });
  }

  private release(held: Held): void {
    this.unwant(held);
    this.discard(held.tag);
  }

  private unwant(held: Held): void {
    if (!held.isWanted) return;
    held.isWanted = false;
    this.aheadBytes -= held.tag.bytes;
    this.store.unwant(held.tag);
  }

  private readonly discard = (tag: HeldTag): void => this.store.release(tag);
}

function endOf(end: TrackEnd | undefined, { tag, atMs }: Held): TrackEnd {
  const ptsMs = atMs + tag.compositionMs;
  return { dtsMs: atMs, ptsMs: Math.max(ptsMs, end?.ptsMs ?? ptsMs) };
}
