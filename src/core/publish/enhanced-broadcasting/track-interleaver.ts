import { isExtraFrame, isExtraHeader, isVideoFrame, type StreamTag } from '../../../media/stream-tag.js';

/** How long a track is waited for, ms of the stream: an encoder that hangs is replaced in less. */
const MOST_WAIT_MS = 1500;
/** What may wait, bytes. */
const MAX_BYTES = 32 << 20;

interface Waiting {
  readonly tag: StreamTag;
  readonly track: number;
}

/**
 * Puts the tags of several tracks in the order of their timestamps: of one slot first the sound, then the frame of each track. Encoders deliver a slot at
 * different times, so the slowest one is waited for, within bounds: what comes later is left out, and its track goes on with its next keyframe. Sound
 * and the main track are left out never.
 */
export class TrackInterleaver {
  private waiting: Waiting[] = [];
  private bytes = 0;
  /** Timestamp of the last frame of each track, ms. */
  private readonly lastMs: number[];
  /** Of the last sound, ms; undefined before the first. */
  private soundMs: number | undefined;
  private newestMs = 0;
  /** What has been sent reaches up to here, ms. */
  private sentMs = -1;
  /** Further tracks whose next frame can be decoded. */
  private readonly running = new Set<number>();

  /** @param send takes the tags in their order */
  constructor(
    tracks: number,
    private readonly send: (tag: StreamTag) => void,
  ) {
    this.lastMs = new Array<number>(tracks).fill(-1);
  }

  /** Takes the next tag of a track; sound and metadata are of track 0. */
  take(track: number, tag: StreamTag): void {
    const { timestampMs } = tag;
    if (isVideoFrame(tag) || isExtraFrame(tag)) {
      this.lastMs[track] = Math.max(this.lastMs[track] ?? -1, timestampMs);
      if (track > 0 && !this.isDecodable(track, tag)) return;
    }
    if (tag.kind === 'audio') this.soundMs = Math.max(this.soundMs ?? 0, timestampMs);
    this.newestMs = Math.max(this.newestMs, timestampMs);
    this.insert({ tag, track });
    this.release();
  }

  private isDecodable(track: number, { kind, timestampMs }: StreamTag): boolean {
    if (timestampMs < this.sentMs) this.running.delete(track);
    else if (kind === 'extra-keyframe') this.running.add(track);
    return this.running.has(track);
  }

  private insert(entry: Waiting): void {
    const { waiting } = this;
    let at = waiting.length;
    for (; at > 0; at--) {
      const before = waiting[at - 1];
      if (before !== undefined && compare(before, entry) <= 0) break;
    }
    waiting.splice(at, 0, entry);
    this.bytes += entry.tag.payload.length;
  }

  private release(): void {
    const complete = Math.min(...this.lastMs, this.soundMs ?? Infinity);
    const mostMs = this.bytes > MAX_BYTES ? this.newestMs : this.newestMs - MOST_WAIT_MS;
    const untilMs = Math.max(complete, mostMs);
    const { waiting } = this;
    let count = 0;
    while (count < waiting.length && (waiting[count]?.tag.timestampMs ?? Infinity) <= untilMs) count += 1;
    if (count === 0) return;
    this.waiting = waiting.slice(count);
    for (const { tag } of waiting.slice(0, count)) {
      this.bytes -= tag.payload.length;
      this.sentMs = Math.max(this.sentMs, tag.timestampMs);
      this.send(tag);
    }
  }
}

/** A header is right before what it is for, since that comes after it. */
function compare(a: Waiting, b: Waiting): number {
  return a.tag.timestampMs - b.tag.timestampMs || rank(a) - rank(b);
}

function rank({ tag, track }: Waiting): number {
  const isVideo = isVideoFrame(tag) || isExtraFrame(tag) || isExtraHeader(tag) || tag.kind === 'video-header';
  return isVideo ? track : -1;
}
