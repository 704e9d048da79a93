import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import { type FfmpegExit, lacksSomething } from '../ffmpeg-errors.js';
import { isFailure } from '../log-line.js';
import type { SourceProcess } from './source-process.js';

/** What a process has delivered and nobody has taken. */
export interface TrackQueue {
  /** Number of packets so far. */
  readonly arrived: number;
  readonly isEmpty: boolean;
  /** Since when nothing has come although it could have, by `performance.now()`. */
  readonly quietSinceMs: number;
  /** Nothing more will come. */
  readonly ended: boolean;
}

/** One process that reads the track, from `fromS` on, s since the beginning. */
export interface Reading<Q extends TrackQueue> {
  readonly queue: Q;
  readonly process: Pick<SourceProcess, 'pid' | 'exited' | 'kill'>;
  readonly fromS: number;
}

export interface PulledTrackOptions<Q extends TrackQueue> {
  /** Where the first process begins, s: before 0 in a track that begins within its medium, since times are rounded. */
  readonly firstS?: number;
  readonly open: (fromS: number) => Reading<Q>;
  /** The time from which another process has to continue, s. */
  readonly endOf: (reading: Reading<Q>) => number;
  /** Length of the whole medium, s, if it is known. */
  readonly durationS?: number | undefined;
  /** A process has ended that should not have. */
  readonly onLoss: (exit: FfmpegExit) => void;
  /** What lies between cannot be read: it is left out. */
  readonly onDamage: (fromS: number, toS: number) => void;
}

/** Delays between the starts of processes that deliver nothing. */
const RETRY = { baseMs: 250, capMs: 5000, jitter: 0.2 } as const;
/** How long a process that has delivered may deliver nothing while more is needed, ms: then another one is started beside it. */
const SILENT_MS = 250;
/**
 * The same for one that has not delivered yet, since it was needed. Each that takes longer is replaced by one that has twice as long, up to the most: on a
 * busy computer they would all be ended just before their first frame.
 */
const STARTUP_MS = 3000;
const LONGEST_STARTUP_MS = 24_000;
/** Failures within this much of the track are failures at one spot, s. */
const SPOT_S = 0.5;
/** A spot that fails this often is left out. */
const MAX_FAILURES = 2;
/** What is left out is first 1 s, then this many times more at each failure; after as many as these the track has ended. */
const GROWTH = 4;
const MAX_SPOTS = 5;
/** A track that ends this much before its medium, with an error, has been cut off, s. */
const EARLY_S = 1;

interface Entry<Q extends TrackQueue> extends Reading<Q> {
  /** Its process has exited. */
  exited: boolean;
}

/**
 * One track of a medium that waits for its reader. A process that dies is followed by another that continues where it ended;
 * beside one that hangs another is started, and the first of the two to deliver is used.
 */
export class PulledTrack<Q extends TrackQueue> implements Disposable {
  private readonly backoff = new Backoff(RETRY);
  /** The first one is taken from; the next one takes over as soon as that has nothing left. */
  private readonly readings: Entry<Q>[];
  private disposed = false;
  private timer: NodeJS.Timeout | undefined;
  /** Since when the first packet of the last process is needed. */
  private neededSinceMs: number | undefined;
  private startupMs = STARTUP_MS;
  private failedAtS = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private damagedAtS = Number.NEGATIVE_INFINITY;
  private spots = 0;
  private finished = false;
  private lastExit: FfmpegExit | undefined;

  constructor(private readonly options: PulledTrackOptions<Q>) {
    this.readings = [];
    this.launch(options.firstS ?? 0);
  }

  get pid(): number {
    return this.readings.at(-1)?.process.pid ?? 0;
  }

  /** Everything has been taken, and nothing more will come. */
  get over(): boolean {
    return this.complete && this.readings.every(({ queue }) => queue.isEmpty);
  }

  /** Everything has arrived. */
  get complete(): boolean {
    return this.finished && this.readings.every(({ queue }) => queue.ended);
  }

  /** Why the last process ended that should not have; undefined once another one has delivered. */
  get failure(): FfmpegExit | undefined {
    const last = this.readings.at(-1);
    const delivers = last !== undefined && !last.exited && last.queue.arrived > 0;
    return this.finished || delivers ? undefined : this.lastExit;
  }

  /** What can be taken from; undefined while there is no process. */
  get reading(): Reading<Q> | undefined {
    const { readings } = this;
    for (;;) {
      const [first, second] = readings;
      if (first === undefined || second === undefined) return first;
      if (!first.queue.isEmpty || second.queue.arrived === 0) return first;
      first.process.kill();
      readings.shift();
      this.backoff.reset();
    }
  }

  /** All that can be taken from, the first one first: where one has ended, the next one continues. */
  get deliveries(): readonly Reading<Q>[] {
    return this.reading === undefined ? [] : this.readings;
  }

  /** To be called while what is needed next has not come yet. */
  awaitMore(): void {
    const last = this.readings.at(-1);
    if (last === undefined || last.exited || this.finished || this.timer !== undefined) return;
    const { arrived, quietSinceMs } = last.queue;
    const positionS = this.positionS();
    if (arrived > 0) {
      this.startupMs = STARTUP_MS;
      if (performance.now() - quietSinceMs < SILENT_MS) return;
      this.lastExit = undefined;
    } else {
      this.neededSinceMs ??= performance.now();
      if (performance.now() - this.neededSinceMs < this.startupMs) return;
      this.startupMs = Math.min(2 * this.startupMs, LONGEST_STARTUP_MS);
      this.remove(last);
    }
    this.launch(positionS);
  }

  /** From where the next process has to continue, s. */
  private positionS(): number {
    const delivering = this.readings.findLast(({ queue }) => queue.arrived > 0);
    return delivering === undefined ? (this.readings[0]?.fromS ?? 0) : this.options.endOf(delivering);
  }

  private launch(fromS: number): void {
    this.neededSinceMs = undefined;
    const entry = { ...this.options.open(fromS), exited: false };
    this.readings.push(entry);
    void entry.process.exited.then((exit) => this.exited(entry, exit));
  }

  private remove(entry: Entry<Q>): void {
    entry.process.kill();
    this.readings.splice(this.readings.indexOf(entry), 1);
  }

  private exited(entry: Entry<Q>, exit: FfmpegExit): void {
    const index = this.readings.indexOf(entry);
    if (index < 0 || this.finished) return;
    entry.exited = true;
    if (entry.queue.arrived > 0) this.startupMs = STARTUP_MS;
    const { durationS = 0, onLoss } = this.options;
    const endS = this.positionS();
    const early = endS < durationS - EARLY_S && exit.log.some(isFailure) && !lacksSomething(exit);
    if (exit.code === 0 && !early) {
      for (const successor of this.readings.slice(index + 1)) this.remove(successor);
      clearTimeout(this.timer);
      this.finished = true;
      return;
    }
    this.lastExit = { ...exit, delivered: entry.queue.arrived > 0 };
    onLoss(this.lastExit);
    // The run may end because of it.
    if (this.disposed) return;
    // Another one has been started already.
    if (index < this.readings.length - 1) return;
    if (entry.queue.arrived === 0) this.remove(entry);
    if (early) this.leaveOut(endS, 0);
    else this.again(endS);
  }

  private again(endS: number): void {
    if (endS > this.failedAtS + SPOT_S) {
      this.failures = 0;
      this.backoff.reset();
    }
    this.failures += 1;
    this.failedAtS = Math.max(endS, this.failedAtS);
    const delayMs = this.backoff.next();
    // What has never delivered has no damaged spot: it cannot be read at all.
    if (this.failures >= MAX_FAILURES && this.readings.length > 0) this.leaveOut(endS, delayMs);
    else this.launchLater(endS, delayMs);
  }

  /** Continues behind a spot that cannot be read. */
  private leaveOut(endS: number, delayMs: number): void {
    const { durationS = Number.POSITIVE_INFINITY, onDamage } = this.options;
    if (endS > this.damagedAtS + SPOT_S) this.spots = 0;
    this.damagedAtS = endS;
    const fromS = Math.min(endS + GROWTH ** this.spots, durationS);
    this.spots += 1;
    if (fromS > endS) onDamage(endS, fromS);
    if (this.spots > MAX_SPOTS || fromS === durationS) this.finished = true;
    else this.launchLater(fromS, delayMs);
  }

  private launchLater(fromS: number, delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.launch(fromS);
    }, delayMs);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    for (const { process } of this.readings.splice(0)) process.kill();
  }
}
