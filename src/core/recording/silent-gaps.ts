import { type AacFormat, parseAacHeader, UNKNOWN_AUDIO } from '../../media/aac.js';

/** A longer gap stays, ms. */
const MOST_MS = 60_000;

/** Where a track's sound is missing, silence: editors put its frames one after the other. */
export class SilentGaps {
  private format: AacFormat = UNKNOWN_AUDIO;
  /** Where the next frame would begin; undefined before the file does. */
  private nextMs: number | undefined;

  takeHeader(payload: Buffer): void {
    this.format = parseAacHeader(payload);
  }

  /** The file begins, with its time 0. */
  begin(startMs: number): void {
    this.nextMs = startMs;
  }

  /** Sound goes on after this frame. */
  note(timestampMs: number): void {
    this.nextMs = timestampMs + this.format.frameMs;
  }

  /** @returns the timestamps and bodies of the silent frames before a frame at this time */
  *until(timestampMs: number): Iterable<readonly [timestampMs: number, payload: Buffer]> {
    const { frameMs, silence } = this.format;
    if (this.nextMs === undefined || silence === undefined || timestampMs - this.nextMs > MOST_MS) return;
    for (; this.nextMs < timestampMs - frameMs / 2; this.nextMs += frameMs)
      yield [Math.round(this.nextMs), silence];
  }
}
