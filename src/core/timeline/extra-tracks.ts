import { type StreamTag, trackKey } from '../../media/stream-tag.js';
import type { EpochTag } from './epoch.js';

/** A tag of a further track, placed on the timeline. */
export type PlacedTag = Omit<StreamTag, 'readAtMs'>;

/**
 * The further tracks of a multitrack publisher on the timeline. They go with the main track's epoch: there is no slate for them, and after
 * each join video begins with its own next keyframe. A track's timestamps never go back.
 */
export class ExtraTracks {
  /** The last header sent, by `trackKey`, in the whole broadcast. */
  private readonly sent = new Map<string, Buffer>();
  private readonly lastMs = new Map<string, number>();
  /** Tracks that can be decoded from their last tag on. */
  private readonly running = new Set<string>();

  /** Another epoch is on the stream, or the same one again. */
  restart(): void {
    this.running.clear();
  }

  /**
   * Headers of sound that have changed, before its first frame: a file that is begun has to know of the track.
   *
   * @param headers the epoch's, by `trackKey`
   */
  *announce(headers: ReadonlyMap<string, Buffer>, timestampMs: number): Iterable<PlacedTag> {
    for (const [key, payload] of headers) {
      const [carrier, track] = key.split(' ');
      if (carrier !== 'audio' || this.sent.get(key)?.equals(payload) === true) continue;
      this.sent.set(key, payload);
      yield { kind: 'extra-audio-header', track: Number(track), timestampMs, payload };
    }
  }

  /**
   * Takes a packet that is not a header. Its track's header comes before it if it has changed.
   *
   * @param headers the epoch's, by `trackKey`
   * @param ms position on the timeline; undefined where it has none: video then waits for a keyframe
   */
  *place(
    { kind, track, payload }: EpochTag,
    headers: ReadonlyMap<string, Buffer>,
    ms: number | undefined,
  ): Iterable<PlacedTag> {
    const key = trackKey({ kind, track });
    if (ms === undefined) this.running.delete(key);
    else if (kind !== 'extra-interframe') this.running.add(key);
    if (ms === undefined || !this.running.has(key)) return;
    const timestampMs = Math.max(ms, (this.lastMs.get(key) ?? -1) + 1);
    const header = headers.get(key);
    if (header !== undefined && this.sent.get(key)?.equals(header) !== true) {
      this.sent.set(key, header);
      const isAudio = kind === 'extra-audio';
      yield {
        kind: isAudio ? 'extra-audio-header' : 'extra-video-header',
        track,
        timestampMs,
        payload: header,
      };
    }
    this.lastMs.set(key, timestampMs);
    yield { kind, track, timestampMs, payload };
  }
}
