import { isHeaderKind } from '../../../media/stream-headers.js';
import { isExtraHeader, type StreamTag, trackKey } from '../../../media/stream-tag.js';

/** Sound that has arrived before the keyframe that it belongs to: five seconds of it. */
const MOST_SOUND = 256;

/** What is kept while a part of the stream is left out, until the keyframe after it. */
export class DelayCutting {
  /** PTS of the first frame that is left out, ms, after the delay. */
  startMs = 0;
  /** The same by its timestamp of the timeline, ms. */
  arrivedMs = 0;
  /** Where the video before ends, after the delay; undefined if there is none. */
  video: { readonly dtsMs: number; readonly ptsMs: number } | undefined;
  /** The latest, which may belong to what follows. */
  sound: StreamTag[] = [];
  private readonly latest = new Map<string, StreamTag>();

  /** A tag that is left out. */
  keep(tag: StreamTag): void {
    if (tag.kind === 'audio') {
      this.sound = [...this.sound, tag].slice(-MOST_SOUND);
    } else if (isHeader(tag)) {
      this.latest.set(keyOf(tag), tag);
    }
  }

  /** Sound that has arrived before all that was kept so far. */
  keepSound(earlier: readonly StreamTag[]): void {
    this.sound = [...earlier, ...this.sound].slice(-MOST_SOUND);
  }

  /** A header that has arrived before all that were kept so far. */
  keepEarlier(tag: StreamTag): void {
    const key = keyOf(tag);
    this.latest.set(key, this.latest.get(key) ?? tag);
  }

  /** The last header of each kind and track. */
  headers(): Iterable<StreamTag> {
    return this.latest.values();
  }
}

export function isHeader(tag: StreamTag): boolean {
  return isHeaderKind(tag.kind) || isExtraHeader(tag);
}

function keyOf(tag: StreamTag): string {
  return `${tag.kind} ${trackKey(tag)}`;
}
