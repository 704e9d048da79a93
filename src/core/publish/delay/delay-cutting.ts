import { isHeaderKind } from '../../../media/stream-headers.js';
import { isExtraHeader, type StreamTag, trackKey } from '../../../media/stream-tag.js';
import type { HeldTag } from './delay-store.js';

/** Sound that has arrived before the keyframe that it belongs to: five seconds of it. */
const MOST_SOUND = 256;

/** A tag with its timestamp of the timeline, ms: less what was moved since. */
export interface PlacedTag {
  readonly tag: HeldTag;
  readonly ms: number;
}

/** What is kept while a part of the stream is left out, until the keyframe after it. */
export class DelayCutting {
  /** PTS of the first frame that is left out, ms, after the delay. */
  startMs = 0;
  /** The same by its timestamp of the timeline, ms. */
  arrivedMs = 0;
  /** Where the video before ends, after the delay; undefined if there is none. */
  video: { readonly dtsMs: number; readonly ptsMs: number } | undefined;
  /** The latest, which may belong to what follows. */
  sound: readonly PlacedTag[] = [];
  private readonly latest = new Map<string, HeldTag>();

  /** @param discard takes what will never air */
  constructor(private readonly discard: (tag: HeldTag) => void) {}

  /** A tag that is left out. */
  keep(tag: HeldTag, ms: number): void {
    if (tag.kind === 'audio') {
      this.keepLastOf([...this.sound, { tag, ms }]);
    } else if (isHeader(tag)) {
      const before = this.latest.get(keyOf(tag));
      if (before !== undefined) this.discard(before);
      this.latest.set(keyOf(tag), tag);
    } else this.discard(tag);
  }

  /** Sound that has arrived before all that was kept so far. */
  keepSound(earlier: readonly PlacedTag[]): void {
    this.keepLastOf([...earlier, ...this.sound]);
  }

  /** A header that has arrived before all that were kept so far. */
  keepEarlier(tag: HeldTag): void {
    const key = keyOf(tag);
    if (this.latest.has(key)) this.discard(tag);
    else this.latest.set(key, tag);
  }

  /** The last header of each kind and track. */
  headers(): Iterable<HeldTag> {
    return this.latest.values();
  }

  *all(): Iterable<HeldTag> {
    for (const { tag } of this.sound) yield tag;
    yield* this.latest.values();
  }

  private keepLastOf(sound: readonly PlacedTag[]): void {
    for (const { tag } of sound.slice(0, -MOST_SOUND)) this.discard(tag);
    this.sound = sound.slice(-MOST_SOUND);
  }
}

export function isHeader(tag: Pick<StreamTag, 'kind'>): boolean {
  return isHeaderKind(tag.kind) || isExtraHeader(tag);
}

function keyOf(tag: HeldTag): string {
  return `${tag.kind} ${trackKey(tag)}`;
}
