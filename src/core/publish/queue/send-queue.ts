import {
  isExtraFrame,
  isExtraHeader,
  isExtraKind,
  isVideoFrame,
  type StreamTag,
  trackKey,
} from '../../../media/stream-tag.js';
import { FrameCounts } from './frame-counts.js';
import { SentTags, type SentTimes } from './sent-tags.js';

export interface SendQueueLimits {
  /** Frames that no other refers to are dropped above this duration, ms. */
  readonly disposableMs: number;
  /** All frames up to the next keyframe are dropped above this duration, ms. */
  readonly frameMs: number;
  /** Maximum size of the queue, bytes. */
  readonly bytes: number;
}

/**
 * Above OBS's 700 and 900 ms, so that a lost packet, for which TCP waits a second, costs no frame, and with what the kernel holds below the two
 * seconds that most players buffer. In bytes, 20 s of 12 Mbit/s: outputs share the
 * tags, and many that are interrupted need little more than one.
 */
const DEFAULT_LIMITS: SendQueueLimits = { disposableMs: 1000, frameMs: 1300, bytes: 32 << 20 };

/** Number of entries removed from the front before the list is compacted. */
const COMPACT_AT = 512;

interface Entry {
  readonly tag: StreamTag;
  /** Part of the run-up that a new session starts with: not late yet. */
  readonly runUp: boolean;
}

/**
 * Media waiting for a slow server. Frames that no other refers to are dropped first, then all frames but keyframes until
 * the next keyframe, and when that arrives, the rest of older GOPs: so the media sent is always decodable, and as recent
 * as possible. What is kept for an interrupted network is to be caught up on, not to be recent: of that, only the oldest GOPs are dropped,
 * one after the other. Headers and sound are dropped only because of the size limit: when there is no frame left to drop (half
 * an hour of sound at the usual bitrate), the oldest sound is dropped, then each header that is replaced by a later one.
 *
 * What was handed on is kept too, as far as a lost connection may have taken it along: `resume` begins another session with it.
 *
 * Whether a server is slow shows in the main track. Where its frames are dropped, those of further tracks are dropped with
 * them, and each of these tracks goes on with its own first keyframe after the main one's.
 */
export class SendQueue {
  private entries: Entry[] = [];
  private head = 0;
  private queuedBytes = 0;
  private newestMs = 0;
  /**
   * Set while frames are not decodable, until a keyframe: `start` before the first one, `late` once a frame was dropped
   * that others refer to.
   */
  private awaitingKeyframe: 'start' | 'late' | undefined = 'start';
  readonly counts = new FrameCounts();
  /** Further video tracks whose next frame can be decoded, by `trackKey`. */
  private readonly running = new Set<string>();
  readonly sent = new SentTags();

  constructor(private readonly limits: SendQueueLimits = DEFAULT_LIMITS) {}

  get empty(): boolean {
    return this.head === this.entries.length;
  }

  /** Frames dropped so far because the server was too slow. */
  get droppedFrames(): number {
    return this.counts.droppedFrames;
  }

  /** Duration of the queued media, ms. */
  get durationMs(): number {
    const oldest = this.entries[this.head];
    return oldest === undefined ? 0 : Math.max(0, this.newestMs - oldest.tag.timestampMs);
  }

  /** Replaces the queue by what a new session starts with: none of it is late, so nothing is dropped. */
  restart(runUp: readonly StreamTag[]): void {
    this.entries = [];
    this.head = 0;
    this.queuedBytes = 0;
    this.awaitingKeyframe = 'start';
    this.running.clear();
    this.sent.clear();
    for (const tag of runUp) {
      if (tag.kind === 'keyframe') this.awaitingKeyframe = undefined;
      if (!isVideoFrame(tag) || this.awaitingKeyframe === undefined) this.append(tag, true);
    }
  }

  /**
   * Goes on with another session where the server has what was sent no further than until now: from the last keyframe before that, or
   * else from the oldest one.
   *
   * @returns the newest times that the server has
   */
  resume(): SentTimes {
    const { headers, tags, times } = this.sent.take();
    const waiting = this.entries.slice(this.head);
    this.entries = [];
    this.head = 0;
    this.queuedBytes = 0;
    this.running.clear();
    for (const tag of headers) this.append(tag, true);
    let decodable = false;
    for (const [index, tag] of [...tags, ...waiting.map((entry) => entry.tag)].entries()) {
      if (tag.kind === 'keyframe') decodable = true;
      if (isVideoFrame(tag)) {
        const had = tag.timestampMs <= times.frameMs;
        if (decodable) this.append(tag, had);
        else if (!had) this.counts.dropped(tag);
      } else if (this.goesOn(tag, index < tags.length, times)) {
        this.append(tag, false);
      }
    }
    if (!decodable) this.awaitingKeyframe ??= 'late';
    return times;
  }

  /**
   * Adds a live tag, and drops tags if necessary.
   * @param extraMs how much later than usual frames may be, ms
   */
  push(tag: StreamTag, extraMs = 0): void {
    if (isVideoFrame(tag)) this.pushFrame(tag, extraMs);
    else if (isExtraFrame(tag)) this.pushExtraFrame(tag);
    else this.append(tag, false);
    if (this.queuedBytes > this.limits.bytes) this.shrink();
  }

  /** The next tag to send, and whether it is part of the run-up. */
  shift(): Entry | undefined {
    const entry = this.entries[this.head];
    if (entry === undefined) return undefined;
    this.head++;
    this.queuedBytes -= entry.tag.payload.length;
    this.counts.sent(entry.tag);
    if (this.head === this.entries.length) {
      this.entries = [];
      this.head = 0;
    } else if (this.head >= COMPACT_AT) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return entry;
  }

  private pushFrame(tag: StreamTag, extraMs: number): void {
    const lateMs = this.lateMsAt(tag.timestampMs);
    if (tag.kind === 'keyframe') {
      if (extraMs === 0 && lateMs > this.limits.frameMs) this.dropFrames();
      this.awaitingKeyframe = undefined;
    } else if (this.awaitingKeyframe !== undefined) {
      if (this.awaitingKeyframe === 'late') this.counts.dropped(tag);
      return;
    }
    this.append(tag, false);
    if (extraMs > 0) {
      while (this.lateMsAt(tag.timestampMs) > this.limits.frameMs + extraMs && this.dropOldestGop());
      return;
    }
    if (tag.kind === 'keyframe') return;
    if (lateMs > this.limits.disposableMs) this.drop(({ kind }) => kind === 'disposable');
    if (this.lateMsAt(tag.timestampMs) > this.limits.frameMs) this.dropUntilKeyframe();
  }

  private pushExtraFrame(tag: StreamTag): void {
    if (this.awaitingKeyframe !== undefined) return;
    const key = trackKey(tag);
    if (tag.kind === 'extra-keyframe') this.running.add(key);
    if (this.running.has(key)) this.append(tag, false);
  }

  /** Whether another session gets a tag other than a frame of the main track. Those of further tracks are never sent again. */
  private goesOn(tag: StreamTag, wasSent: boolean, { audioMs }: SentTimes): boolean {
    if (tag.kind === 'audio') return tag.timestampMs > audioMs;
    if (!isExtraKind(tag.kind) || isExtraHeader(tag)) return true;
    if (tag.kind === 'extra-keyframe' && !wasSent) this.running.add(trackKey(tag));
    return !wasSent && (tag.kind === 'extra-audio' || this.running.has(trackKey(tag)));
  }

  /** How long the oldest live frame has waited, by the timeline, ms. */
  get lateMs(): number {
    return this.lateMsAt(this.newestMs);
  }

  /** How far the server is behind, by the oldest frame that it may not have, ms. */
  get behindMs(): number {
    const { unreceivedMs } = this.sent;
    return unreceivedMs === undefined ? this.lateMs : this.newestMs - unreceivedMs;
  }

  private lateMsAt(nowMs: number): number {
    for (let i = this.head; i < this.entries.length; i++) {
      const entry = this.entries[i];
      if (entry !== undefined && !entry.runUp && isVideoFrame(entry.tag)) {
        return nowMs - entry.tag.timestampMs;
      }
    }
    return 0;
  }

  private dropUntilKeyframe(): void {
    this.awaitingKeyframe = 'late';
    this.running.clear();
    this.drop(
      (tag, runUp) => !runUp && (tag.kind === 'interframe' || tag.kind === 'disposable' || isExtraFrame(tag)),
    );
  }

  private dropFrames(): void {
    this.running.clear();
    this.drop((tag) => isVideoFrame(tag) || isExtraFrame(tag));
  }

  /** Drops the frames in front of the second keyframe that waits. @returns false if there is no second one */
  private dropOldestGop(): boolean {
    const frames = this.entries.slice(this.head).filter(({ tag, runUp }) => !runUp && isVideoFrame(tag));
    const next = frames.slice(1).find(({ tag }) => tag.kind === 'keyframe');
    if (next === undefined) return false;
    let isBefore = true;
    this.running.clear();
    this.drop((tag) => {
      if (tag === next.tag) isBefore = false;
      if (tag.kind === 'extra-keyframe' && !isBefore) this.running.add(trackKey(tag));
      if (isExtraFrame(tag)) return !this.running.has(trackKey(tag));
      return isBefore && isVideoFrame(tag);
    });
    return true;
  }

  private shrink(): void {
    this.drop(({ kind }) => kind === 'disposable');
    while (this.queuedBytes > this.limits.bytes && this.dropOldestGop());
    if (this.queuedBytes <= this.limits.bytes) return;
    this.awaitingKeyframe = 'late';
    this.dropFrames();
    let excess = this.queuedBytes - this.limits.bytes;
    this.drop(({ kind, payload }) => {
      if (excess <= 0 || (kind !== 'audio' && kind !== 'extra-audio')) return false;
      excess -= payload.length;
      return true;
    });
    if (excess > 0) this.dropSupersededHeaders();
  }

  /** Without a frame in between, the last header of a kind and track replaces the earlier ones. */
  private dropSupersededHeaders(): void {
    const last = new Map<string, StreamTag>();
    const key = (tag: StreamTag) => `${tag.kind} ${trackKey(tag)}`;
    for (const { tag } of this.entries) last.set(key(tag), tag);
    this.drop((tag) => last.get(key(tag)) !== tag);
  }

  private drop(shouldDrop: (tag: StreamTag, runUp: boolean) => boolean): void {
    const kept: Entry[] = [];
    for (let i = this.head; i < this.entries.length; i++) {
      const entry = this.entries[i];
      if (entry === undefined) continue;
      if (shouldDrop(entry.tag, entry.runUp)) {
        this.queuedBytes -= entry.tag.payload.length;
        if (isVideoFrame(entry.tag)) this.counts.dropped(entry.tag);
      } else {
        kept.push(entry);
      }
    }
    this.entries = kept;
    this.head = 0;
  }

  private append(tag: StreamTag, runUp: boolean): void {
    this.entries.push({ tag, runUp });
    this.queuedBytes += tag.payload.length;
    this.newestMs = Math.max(this.newestMs, tag.timestampMs);
  }
}
