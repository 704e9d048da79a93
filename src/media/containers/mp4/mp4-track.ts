import { numberOf, type TrackFormat } from '../tracks.js';
import { SampleTable, type TimedSample } from './sample-table.js';
import { TickClock } from './tick-clock.js';

/** Where a player may begin, for the index of a file of fragments. */
export interface RandomAccess {
  readonly pts: number;
  /** Of the fragment, in the file. */
  readonly position: number;
}

/** Files have 32 bits for it. */
const MAX_COMPOSITION = 0x7fffffff;

/** A track of a file that is being written, in ticks of its own. */
export class Mp4Track {
  readonly number: number;
  readonly table = new SampleTable();
  readonly randomAccess: RandomAccess[] = [];
  /** Of the latest frame in the order of DTS; undefined if there is none. */
  lastDts: number | undefined;
  /** How long the last frame is shown. */
  lastTicks: number;
  private lastPts: number | undefined;
  private readonly clock: TickClock;

  constructor(readonly format: TrackFormat) {
    this.number = numberOf(format);
    this.clock = new TickClock(format);
    this.lastTicks = this.clock.frameTicks;
  }

  get timescale(): number {
    return this.clock.timescale;
  }

  /** Of a frame, nominal; 0 if the stream does not say. */
  get frameTicks(): number {
    return this.format.frameMs === undefined ? 0 : this.clock.frameTicks;
  }

  /** DTS and composition of the next frame. */
  place(dtsMs: number, ptsMs: number): Pick<TimedSample, 'dts' | 'composition'> {
    const dts = Math.max(this.clock.dts(dtsMs), (this.lastDts ?? -1) + 1);
    this.noteDts(dts);
    const composition = this.clock.pts(ptsMs) - dts;
    return { dts, composition: Math.max(-MAX_COMPOSITION, Math.min(composition, MAX_COMPOSITION)) };
  }

  /**
   * Takes the samples of one fragment.
   *
   * @param hasTable whether the file gets a whole table at its end
   */
  add(fragmentAt: number, dataAt: number, samples: readonly TimedSample[], hasTable: boolean): void {
    const [first] = samples;
    if (first === undefined) return;
    if (hasTable) this.table.addChunk(fragmentAt + dataAt, samples);
    else if (first.isKeyframe)
      this.randomAccess.push({ pts: first.dts + first.composition, position: fragmentAt });
    for (const { dts, composition } of samples) {
      this.noteDts(dts);
      this.lastPts = Math.max(this.lastPts ?? 0, dts + composition);
    }
  }

  /** Of the latest frame, ms; undefined if there is none. */
  get lastPtsMs(): number | undefined {
    return this.lastPts === undefined ? undefined : (this.lastPts * 1000) / this.timescale;
  }

  get lastDtsMs(): number | undefined {
    return this.lastDts === undefined ? undefined : (this.lastDts * 1000) / this.timescale;
  }

  /** Of the latest frame's end. */
  get endMs(): number {
    const { lastPtsMs } = this;
    return lastPtsMs === undefined ? 0 : lastPtsMs + (this.lastTicks * 1000) / this.timescale;
  }

  /** Where the stream does not say how long a frame is, the last one is shown as long as the one before. */
  private noteDts(dts: number): void {
    const isUnsteady = this.format.frameMs === undefined;
    if (isUnsteady && this.lastDts !== undefined && dts > this.lastDts) this.lastTicks = dts - this.lastDts;
    this.lastDts = dts;
  }
}

/** Where things are in a file, bytes. */
export interface Mp4Layout {
  /** In a hybrid file, of the box in front of everything that becomes the header of one `mdat`. */
  readonly mediaAt: number;
  /** In a file of fragments, of the boxes in the head that are written at its end. */
  readonly extendsAt: number;
  readonly chaptersAt: number;
}
