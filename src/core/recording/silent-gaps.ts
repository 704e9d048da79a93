import { type AacFormat, parseAacHeader, UNKNOWN_AUDIO } from '../../media/aac.js';
import { extraAac, plainAac } from '../../media/enhanced-packets.js';
import type { StreamTag } from '../../media/stream-tag.js';

/** A longer gap stays, ms. */
const MOST_MS = 60_000;

/** Where a track's sound is missing, silence: editors put its frames one after the other. */
export class SilentGaps {
  private format: AacFormat = UNKNOWN_AUDIO;
  /** Where the next frame would begin; undefined before the file does. */
  private nextMs: number | undefined;
  /** Up to here there is silence, which sound that comes late does not replace. */
  private silentUntilMs = Number.NEGATIVE_INFINITY;

  /** @param track 0 is the programme's */
  constructor(private readonly track: number) {}

  /** Where sound goes on. */
  get endMs(): number | undefined {
    return this.nextMs;
  }

  takeHeader(payload: Buffer): void {
    this.format = parseAacHeader(this.track === 0 ? payload : plainAac(payload));
  }

  /** The file begins, with its time 0. */
  begin(startMs: number): void {
    this.nextMs = startMs;
    this.silentUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** Whether a frame at this time is too late: its place is taken by silence. */
  isTaken(timestampMs: number): boolean {
    return timestampMs < this.silentUntilMs - this.format.frameMs / 2;
  }

  /** Sound goes on after this frame. */
  note(timestampMs: number): void {
    this.nextMs = timestampMs + this.format.frameMs;
  }

  /** @returns the silent frames before a frame at this time, whose grid they are on */
  *until(timestampMs: number): Iterable<StreamTag> {
    const { track, nextMs } = this;
    const { frameMs, silence } = this.format;
    if (nextMs === undefined || silence === undefined || timestampMs - nextMs > MOST_MS) return;
    const count = Math.ceil((timestampMs - nextMs) / frameMs - 0.5);
    if (count <= 0) return;
    this.nextMs = timestampMs;
    this.silentUntilMs = timestampMs;
    const base = { payload: track === 0 ? silence : extraAac(track, silence), readAtMs: performance.now() };
    for (let left = count; left > 0; left--) {
      const at = { ...base, timestampMs: Math.round(Math.max(nextMs, timestampMs - left * frameMs)) };
      yield track === 0 ? { ...at, kind: 'audio' } : { ...at, kind: 'extra-audio', track };
    }
  }
}
