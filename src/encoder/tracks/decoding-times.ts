import type { MiniGop } from './mini-gops.js';

/** The timestamp of slot 0, in slots: with B-frames, a DTS lies before its PTS, and FLV has no negative ones. */
const ORIGIN_SLOTS = 32;
/** Frames that H.264 can reorder at most. */
const MOST_DEPTH = 16;

/** The timestamp of slot 0, ms; not a whole number. */
export function originMs(fps: number): number {
  return (ORIGIN_SLOTS * 1000) / fps;
}

/** A slot's timestamp (PTS), ms. A whole number of slots before it, so that no encoder rounds it to another slot. */
export function slotMs(slot: number, fps: number): number {
  return Math.round(((slot + ORIGIN_SLOTS) * 1000) / fps);
}

/** The slot with this timestamp. */
export function slotAt(ptsMs: number, fps: number): number {
  return Math.round((ptsMs * fps) / 1000) - ORIGIN_SLOTS;
}

/**
 * DTS of a track that several encoders deliver to. Each one's own begin anew; these ascend: with frames that are reordered by n, the
 * DTS of each frame is the PTS of the one that is shown n before, counted in decoding order.
 */
export class DecodingTimes {
  private depth = 0;
  /** PTS of the latest frames, ms, ascending. */
  private shown: number[] = [];
  private lastMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly fps: number) {}

  /** The DTS of each frame of the next mini-GOP, ms, in decoding order. */
  of({ frames, first }: MiniGop): number[] {
    const { fps } = this;
    const ascending = frames.map(({ slot }) => slotMs(slot, fps)).sort((a, b) => a - b);
    if (this.shown.length === 0) {
      // An encoder that reorders says so with its first frame: its DTS is that much earlier.
      this.depth = Math.round(((frames[0]?.compositionMs ?? 0) * fps) / 1000);
      for (let slot = first - MOST_DEPTH; slot < first; slot++) this.shown.push(slotMs(slot, fps));
    }
    for (const [position, { slot }] of frames.entries())
      this.depth = Math.max(this.depth, position - ascending.indexOf(slotMs(slot, fps)));
    this.depth = Math.min(MOST_DEPTH, this.depth);
    const all = [...this.shown, ...ascending];
    const begin = this.shown.length - this.depth;
    const times = frames.map((_, position) => {
      this.lastMs = Math.max(all[begin + position] ?? 0, this.lastMs + 1);
      return this.lastMs;
    });
    this.shown = all.slice(-MOST_DEPTH);
    return times;
  }
}
