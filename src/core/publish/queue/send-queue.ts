import { isExtraFrame, isVideoFrame, type StreamTag, trackKey } from '../../../media/stream-tag.js';

export interface SendQueueLimits {
  /** Frames that no other refers to are dropped above this duration, ms. */
  readonly disposableMs: number;
  /** All frames up to the next keyframe are dropped above this duration, ms. */
  readonly frameMs: number;
  /** Maximum size of the queue, bytes. */
  readonly bytes: number;
}

/** OBS's time limits; in bytes, about two seconds of the highest bitrate that can be configured. */
const DEFAULT_LIMITS: SendQueueLimits = { disposableMs: 700, frameMs: 900, bytes: 32 << 20 };

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
 * as possible. Headers and sound are dropped only because of the size limit: when there is no frame left to drop (half
 * an hour of sound at the usual bitrate), the oldest sound is dropped, then each header that is replaced by a later one.
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
  private dropped = 0;
  /** Further video tracks whose next frame can be decoded, by `trackKey`. */
  private readonly running = new Set<string>();

  constructor(private readonly limits: SendQueueLimits = DEFAULT_LIMITS) {}

  get empty(): boolean {
    return this.head === this.entries.length;
  }

  /** Frames dropped so far because the server was too slow. */
  get droppedFrames(): number {
    return this.dropped;
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
    for (const tag of runUp) {
      if (tag.kind === 'keyframe') this.awaitingKeyframe = undefined;
      if (!isVideoFrame(tag) || this.awaitingKeyframe === undefined) this.append(tag, true);
    }
  }

  /** Adds a live tag, and drops tags if necessary. */
  push(tag: StreamTag): void {
    if (isVideoFrame(tag)) this.pushFrame(tag);
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
    if (this.head === this.entries.length) {
      this.entries = [];
      this.head = 0;
    } else if (this.head >= COMPACT_AT) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return entry;
  }

  private pushFrame(tag: StreamTag): void {
    const lateMs = this.lateMs(tag.timestampMs);
    if (tag.kind === 'keyframe') {
      if (lateMs > this.limits.frameMs) this.dropFrames();
      this.awaitingKeyframe = undefined;
      this.append(tag, false);
      return;
    }
    if (this.awaitingKeyframe !== undefined) {
      if (this.awaitingKeyframe === 'late') this.dropped++;
      return;
    }
    this.append(tag, false);
    if (lateMs > this.limits.disposableMs) this.drop(({ kind }) => kind === 'disposable');
    if (this.lateMs(tag.timestampMs) > this.limits.frameMs) this.dropUntilKeyframe();
  }

  private pushExtraFrame(tag: StreamTag): void {
    if (this.awaitingKeyframe !== undefined) return;
    const key = trackKey(tag);
    if (tag.kind === 'extra-keyframe') this.running.add(key);
    if (this.running.has(key)) this.append(tag, false);
  }

  /** How long the oldest live frame has waited, by the timeline, ms. */
  private lateMs(nowMs: number): number {
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

  private shrink(): void {
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
        if (isVideoFrame(entry.tag)) this.dropped++;
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
