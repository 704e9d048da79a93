/** How long frames are counted for, ms of the stream: the loss of an encoder process is over in a tenth of it. */
const WINDOW_MS = 20_000;
/** The share of a track's frames that has to be there. */
const ENOUGH = 0.8;

/** Whether a computer makes the frames of all tracks. */
export class FrameShortage {
  private counts: number[];
  private beganMs: number | undefined;

  constructor(
    private readonly tracks: number,
    private readonly fps: number,
  ) {
    this.counts = new Array<number>(tracks).fill(0);
  }

  /**
   * A frame of a track has come.
   *
   * @returns whether a track has had too few frames for a while
   */
  take(track: number, timestampMs: number): boolean {
    this.beganMs ??= timestampMs;
    this.counts[track] = (this.counts[track] ?? 0) + 1;
    if (timestampMs - this.beganMs < WINDOW_MS) return false;
    const least = (ENOUGH * this.fps * WINDOW_MS) / 1000;
    const isShort = this.counts.some((count) => count < least);
    this.counts = new Array<number>(this.tracks).fill(0);
    this.beganMs = timestampMs;
    return isShort;
  }
}
