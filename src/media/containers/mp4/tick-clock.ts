import type { TrackFormat } from '../tracks.js';

const NTSC = 1001 / 1000;
/** How far a time may be from the grid of frames, which the broadcast's timeline has rounded to whole milliseconds, perhaps twice. */
const TOLERANCE_MS = 1.5;

/**
 * A track's time in ticks of which a frame has a whole number, so that a steady stream is steady in the file too, whose editors take
 * durations of 33 and 34 ms for a variable frame rate. What is not on the grid stays where it is, and the grid begins anew there.
 */
export class TickClock {
  /** Ticks of a second. */
  readonly timescale: number;
  /** Ticks of a frame, nominal. */
  readonly frameTicks: number;
  private readonly frameMs: number;
  private anchor: { readonly ms: number; readonly ticks: number } | undefined;

  constructor({ kind, sampleRate, frameMs }: TrackFormat) {
    if (frameMs === undefined) {
      this.timescale = 1000;
      this.frameTicks = 1;
    } else if (kind === 'audio') {
      this.timescale = sampleRate;
      this.frameTicks = Math.round((frameMs * sampleRate) / 1000);
    } else {
      const fps = 1000 / frameMs;
      const isNtsc = isWhole(fps * NTSC) && !isWhole(fps);
      this.timescale = isNtsc ? Math.round(fps * NTSC) * 1000 : Math.round(fps * 1000);
      this.frameTicks = isNtsc ? 1001 : 1000;
    }
    this.frameMs = (this.frameTicks * 1000) / this.timescale;
  }

  /** Of a frame's DTS; call it for one after the other. */
  dts(ms: number): number {
    const ticks = this.onGrid(ms);
    if (ticks !== undefined) return ticks;
    this.anchor = { ms, ticks: this.toTicks(ms) };
    return this.anchor.ticks;
  }

  /** Of a frame's PTS, after its DTS. */
  pts(ms: number): number {
    return this.onGrid(ms) ?? this.toTicks(ms);
  }

  private onGrid(ms: number): number | undefined {
    if (this.anchor === undefined) return undefined;
    const frames = Math.round((ms - this.anchor.ms) / this.frameMs);
    const isNear = Math.abs(this.anchor.ms + frames * this.frameMs - ms) <= TOLERANCE_MS;
    return isNear ? this.anchor.ticks + frames * this.frameTicks : undefined;
  }

  private toTicks(ms: number): number {
    return Math.round((ms * this.timescale) / 1000);
  }
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 0.002;
}
