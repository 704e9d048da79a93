import { isHeaderKind, StreamHeaders } from '../../media/stream-headers.js';
import { carrierOf, isExtraHeader, type StreamTag, trackKey } from '../../media/stream-tag.js';

export interface ReplayLimits {
  readonly seconds: number;
  readonly bytes: number;
}

/** From a keyframe to the next one. */
interface Gop {
  /** What a decoder needs before it. */
  readonly headers: readonly StreamTag[];
  /** Sound from then on that has come before the keyframe: sound is encoded faster. */
  readonly sound: readonly StreamTag[];
  readonly tags: StreamTag[];
  readonly startMs: number;
  bytes: number;
}

/**
 * The last seconds of the stream, in whole GOPs, so that a replay begins with a keyframe. Tags are those on air, and are not copied: what an
 * output holds as well takes no more memory.
 */
export class ReplayBuffer {
  private readonly headers = new StreamHeaders();
  private readonly extraHeaders = new Map<string, StreamTag>();
  private gops: Gop[] = [];
  private heldBytes = 0;
  private newestMs = 0;

  constructor(private limits: ReplayLimits) {}

  get bytes(): number {
    return this.heldBytes;
  }

  /** From the first frame to the last one. */
  get heldMs(): number {
    const [first] = this.gops;
    return first === undefined ? 0 : Math.max(0, this.newestMs - first.startMs);
  }

  limit(limits: ReplayLimits): void {
    this.limits = limits;
    this.trim();
  }

  push(tag: StreamTag): void {
    if (isHeaderKind(tag.kind)) this.headers.set(tag.kind, tag.payload);
    else if (isExtraHeader(tag)) this.extraHeaders.set(trackKey(tag), tag);
    else this.newestMs = Math.max(this.newestMs, tag.timestampMs);
    if (tag.kind === 'keyframe') this.begin(tag);
    const gop = this.gops.at(-1);
    if (gop === undefined) return;
    gop.tags.push(tag);
    gop.bytes += tag.payload.length;
    this.heldBytes += tag.payload.length;
    this.trim();
  }

  /**
   * The end of the stream: headers, then at least so much of it, from a keyframe on.
   *
   * @param ms everything that is held without it
   */
  last(ms = Number.POSITIVE_INFINITY): readonly StreamTag[] {
    const fromMs = this.newestMs - ms;
    const first = Math.max(
      0,
      this.gops.findLastIndex(({ startMs }) => startMs <= fromMs),
    );
    const gops = this.gops.slice(first);
    const { headers = [], sound = [], startMs = 0 } = gops[0] ?? {};
    // Sound may come late, too.
    const tags = gops.flatMap(({ tags: all }) => all).filter(({ timestampMs }) => timestampMs >= startMs);
    return [...headers, ...sound, ...tags];
  }

  clear(): void {
    this.gops = [];
    this.heldBytes = 0;
  }

  private begin(keyframe: StreamTag): void {
    const { timestampMs: startMs } = keyframe;
    const { sound = [], tags = [] } = this.gops.at(-1) ?? {};
    const isLater = (tag: StreamTag) => carrierOf(tag.kind) === 'audio' && tag.timestampMs >= startMs;
    const early = [...sound, ...tags].filter((tag) => isLater(tag) && !isHeader(tag));
    this.gops.push({ headers: this.headersAt(keyframe), sound: early, tags: [], startMs, bytes: 0 });
  }

  private headersAt({ timestampMs, readAtMs }: StreamTag): readonly StreamTag[] {
    const main = Array.from(
      this.headers.entries(),
      ([kind, payload]): StreamTag => ({ kind, timestampMs, payload, readAtMs }),
    );
    return [...main, ...Array.from(this.extraHeaders.values(), (tag) => ({ ...tag, timestampMs }))];
  }

  private trim(): void {
    const { seconds, bytes } = this.limits;
    const neededFromMs = this.newestMs - seconds * 1000;
    for (;;) {
      const [first, second] = this.gops;
      if (first === undefined) return;
      const isOld = second !== undefined && second.startMs <= neededFromMs;
      // Alone, a GOP of that size is not kept either: the next keyframe begins again.
      if (!isOld && this.heldBytes <= bytes) return;
      this.gops.shift();
      this.heldBytes -= first.bytes;
    }
  }
}

function isHeader(tag: StreamTag): boolean {
  return isHeaderKind(tag.kind) || isExtraHeader(tag);
}
