import { type AacFormat, UNKNOWN_AUDIO } from '../../media/aac.js';

/** Longest gap that is filled with silence, ms. */
const MAX_FILL_MS = 5000;

/**
 * Current position of the broadcast's sound: a grid of slots, one frame long each. An epoch joins at the slot nearest to its
 * position, so that there is neither a gap nor an overlap; that moves it by at most half a frame (11 ms). All times are ms on
 * the broadcast's timeline.
 */
export class AudioTrack {
  format: AacFormat = UNKNOWN_AUDIO;
  frames = 0;
  /** The last frame's position, not rounded, so that many slots in a row do not drift. */
  private gridMs: number | undefined;

  /** The last frame's timestamp; undefined before the first. */
  get lastMs(): number | undefined {
    return this.gridMs === undefined ? undefined : Math.round(this.gridMs);
  }

  /** Whether silence can be inserted. */
  get takesSilence(): boolean {
    return this.format.silence !== undefined && this.gridMs !== undefined;
  }

  /** The timestamp of the slot nearest to `ms`; undefined if it is taken. */
  slotNear(ms: number): number | undefined {
    if (this.gridMs === undefined) return ms < 0 ? undefined : ms;
    const slots = Math.round((ms - this.gridMs) / this.format.frameMs);
    return slots < 1 ? undefined : Math.round(this.gridMs + slots * this.format.frameMs);
  }

  /** `ms`, or the first slot after it: a track that begins there is not followed by sound that belongs before it. */
  slotFrom(ms: number): number {
    if (this.gridMs === undefined || ms <= this.gridMs) return ms;
    const slots = Math.ceil((ms - this.gridMs) / this.format.frameMs);
    return Math.round(this.gridMs + slots * this.format.frameMs);
  }

  /** Places a frame at `ms`, or right after the last one. Returns its timestamp. */
  place(ms: number): number {
    this.gridMs = this.lastMs === undefined ? ms : Math.max(ms, this.lastMs + 1);
    this.frames++;
    return this.gridMs;
  }

  /**
   * Takes, for silence, the free slots that are nearer to a time before `untilMs` than to it, and yields each one's timestamp
   * with the tag body of a silent frame. None if no silent frame is known for the format; of a gap that is too long, only the
   * end is filled.
   */
  *takeSilentSlots(untilMs: number): Iterable<readonly [ms: number, payload: Buffer]> {
    const { frameMs, silence } = this.format;
    if (silence === undefined || this.gridMs === undefined) return;
    const tooLong = Math.ceil((untilMs - MAX_FILL_MS - this.gridMs) / frameMs);
    if (tooLong > 0) this.gridMs += tooLong * frameMs;
    while (this.gridMs + frameMs < untilMs - frameMs / 2) {
      this.gridMs += frameMs;
      this.frames++;
      yield [Math.round(this.gridMs), silence];
    }
  }
}
