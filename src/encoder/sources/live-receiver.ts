import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import type { Frame } from '../canvas/frame-pool.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import { type AudioFormat, BYTES_PER_SAMPLE } from '../tracks/audio-encoder.js';
import { ClockDrift } from './clock-drift.js';
import { FollowingSound, SOUND_MARGIN_S } from './following-sound.js';
import type { FrameQueue } from './frame-queue.js';
import type { SoundQueue } from './sound-queue.js';
import type { SourceSlot } from './source.js';
import type { SourceProcess } from './source-process.js';

/** One process that receives, and what it has delivered. */
export interface Reception {
  readonly process: Pick<SourceProcess, 'pid' | 'exited' | 'kill'> & {
    /** Of a browser alone. */
    readonly cpuPercent?: number;
  };
  readonly frames: FrameQueue | undefined;
  readonly sound: SoundQueue | undefined;
}

export interface LiveReceiverOptions {
  readonly fps: number;
  readonly format: AudioFormat;
  readonly open: () => Reception;
  /** Its process has ended, or could not be started; the next one will be. */
  readonly onLoss: (exit: FfmpegExit) => void;
  /** How long a process may deliver nothing before its first packet, ms. */
  readonly startupMs?: number;
  /** The longest delay between the starts of processes that deliver nothing, ms. */
  readonly maxRetryMs?: number;
}

/** Delays between the starts of processes that deliver nothing. */
const RETRY = { baseMs: 250, capMs: 5000, jitter: 0.2 } as const;
/** How long a process may deliver nothing before its first packet, unless it is said, and after it, ms: then another takes its place. */
const STARTUP_MS = 15_000;
const SILENT_MS = 5000;
/** After so long without anything, a source is back once it delivers for a moment, ms. */
const QUIET_MS = 1500;
const RETURN_MS = 50;
/**
 * What is played is this much older than what arrives, s: it evens out how regularly it arrives. It is rounded up to slots: each
 * slot then begins where a frame does, rather than in the middle between two, where rounding would choose now one, now the other.
 */
const DELAY_S = 0.06;
/** The most that it may be older, s. */
const MAX_DELAY_S = 0.25;
/** The shortest delay in this time counts, s: a packet that arrives late does not change it. */
const WINDOW_S = 2;
/** A gap in the timestamps of more than this is left out, s. */
const GAP_S = 1;
/** While packets come, the source's clock moves by this much, s, within this time, ms: otherwise it has gone back. */
const CLOCK_STEP_S = 0.1;
const CLOCK_STANDS_MS = 1000;
/** Of the time between two packets, no more than this counts, ms: an outage shows nothing. */
const COUNTED_MS = 100;
/** Without a packet for this long, a track does not hold up the other, s. */
const ABSENT_S = 0.3;

const UNKNOWN_CLOCK = { atS: Number.NEGATIVE_INFINITY, standsMs: 0, hasMoved: false };

/**
 * What a live source sends, which does not wait: frames and sound are played on one clock, which follows the source's own. A burst
 * is dropped, apart from its end.
 */
export class LiveReceiver implements Disposable {
  private readonly backoff: Backoff;
  private reception: Reception | undefined;
  private timer: NodeJS.Timeout | undefined;
  private openedMs = 0;
  private arrived = {
    frames: 0,
    sound: 0,
    frameMs: Number.NEGATIVE_INFINITY,
    soundMs: Number.NEGATIVE_INFINITY,
    anyMs: Number.NEGATIVE_INFINITY,
    /** When something came for the first time after a silence, which does not count yet. */
    againMs: Number.NEGATIVE_INFINITY,
    /** Since the clock was moved. */
    freshFrames: false,
  };
  /** The source's time that is due now, s; undefined before its first packet. */
  private dueS: number | undefined;
  private shortestDelayS = Number.POSITIVE_INFINITY;
  private windowS = 0;
  private isSoundAlone = false;
  /** The source's clock as it last moved, s, and for how long packets have come since that did not move it, ms. */
  private clock = UNKNOWN_CLOCK;
  private failure: FfmpegExit | undefined;
  /** Why the process is ended: it delivers nothing, or its clock has gone back. */
  private endedFor: 'silence' | 'clock' | undefined;
  private disposed = false;
  private readonly delayS: number;
  private readonly sound: FollowingSound;
  private readonly drift = new ClockDrift();
  /** Whether drift is measured by the sound, or else by the frames. */
  private isMeasuredBySound = false;

  constructor(private readonly options: LiveReceiverOptions) {
    this.sound = new FollowingSound(options.format);
    this.backoff = new Backoff({ ...RETRY, capMs: options.maxRetryMs ?? RETRY.capMs });
    this.delayS = Math.ceil(DELAY_S * options.fps) / options.fps;
    this.open();
  }

  get slotMs(): number {
    return 1000 / this.options.fps;
  }

  get pid(): number {
    return this.reception?.process.pid ?? 0;
  }

  get cpuPercent(): number | undefined {
    return this.reception?.process.cpuPercent;
  }

  /** Whether its process is gone, and another one has not delivered yet. */
  get isRetrying(): boolean {
    return this.failure !== undefined;
  }

  /** Time since the last frame, ms; since the last sound if there is only that, with at most one frame in place of video. */
  get silentMs(): number {
    this.look();
    const { frameMs, soundMs } = this.arrived;
    return performance.now() - (this.isSoundAlone ? soundMs : frameMs);
  }

  /** What is due in the next slot. */
  take(samples: number): SourceSlot {
    this.look();
    const { reception, options } = this;
    const sound = Buffer.alloc(samples * options.format.channels * BYTES_PER_SAMPLE);
    if (reception === undefined) return { frame: undefined, sound };
    this.checkSilence(reception);
    this.checkClock(reception);
    this.advance(reception);
    const frame = reception.frames === undefined ? undefined : this.takeFrame(reception.frames);
    if (reception.sound !== undefined) this.sound.take(reception.sound, this.dueS ?? 0, sound);
    return { frame, sound };
  }

  /** Notes what has arrived since the last look. */
  private look(): void {
    const { reception, arrived } = this;
    const frames = reception?.frames?.arrived ?? 0;
    const sound = reception?.sound?.arrived ?? 0;
    const now = performance.now();
    arrived.freshFrames ||= frames > arrived.frames;
    if (frames > arrived.frames && this.counts(arrived.frameMs, now)) arrived.frameMs = now;
    if (sound > arrived.sound && this.counts(arrived.soundMs, now)) arrived.soundMs = now;
    if (frames > arrived.frames || sound > arrived.sound) {
      this.noteClock(now - arrived.anyMs);
      arrived.anyMs = now;
      this.failure = undefined;
      this.backoff.reset();
    }
    arrived.frames = frames;
    arrived.sound = sound;
    // Between two processes it is what it was.
    if (frames + sound > 0) this.isSoundAlone = reception?.frames === undefined || (frames <= 1 && sound > 0);
  }

  private noteClock(sinceMs: number): void {
    const { reception, clock } = this;
    const newestS = Math.max(reception?.frames?.lastS ?? 0, reception?.sound?.endS ?? 0);
    if (newestS > clock.atS + CLOCK_STEP_S)
      this.clock = { atS: newestS, standsMs: 0, hasMoved: Number.isFinite(clock.atS) };
    else this.clock = { ...clock, standsMs: clock.standsMs + Math.min(sinceMs, COUNTED_MS) };
  }

  /**
   * Whether what arrives shows that the source is there. What comes at once after a silence, and nothing after it, are the last
   * frames of a process that ends.
   */
  private counts(lastMs: number, now: number): boolean {
    const { arrived } = this;
    if (now - lastMs < QUIET_MS || !Number.isFinite(lastMs)) return true;
    if (now - arrived.againMs > QUIET_MS) arrived.againMs = now;
    return now - arrived.againMs >= RETURN_MS;
  }

  /** Moves the clock by a slot, and corrects it. */
  private advance({ frames, sound }: Reception): void {
    const { arrived } = this;
    const slotS = 1 / this.options.fps;
    const frameS = arrived.frames > 0 ? frames?.lastS : undefined;
    const hasSound = sound !== undefined && arrived.sound > 0;
    const soundS = hasSound ? sound.endS - slotS : undefined;
    const isFresh = arrived.freshFrames;
    arrived.freshFrames = false;
    const newestS = frameS ?? soundS;
    if (newestS === undefined) return;
    const firstS = frames?.timestampS(0);
    if (this.dueS === undefined || (firstS !== undefined && firstS > this.dueS + GAP_S)) {
      this.jump(newestS - this.delayS);
      this.drift.reset();
      return;
    }
    const soundPresent = performance.now() - arrived.soundMs < ABSENT_S * 1000;
    const nextS = this.dueS + slotS * (1 + this.drift.rate);
    // What arrives late is waited for, and everything remains that much later.
    this.dueS = nextS;
    if (frameS !== undefined && isFresh) this.dueS = Math.min(this.dueS, frameS);
    if (soundS !== undefined && soundPresent) this.dueS = Math.min(this.dueS, soundS - SOUND_MARGIN_S);
    if (this.dueS < nextS) this.drift.moved(this.dueS - nextS);
    this.measureDrift({ frames, sound }, hasSound && soundPresent);
    const surplusS = Math.min(
      frameS ?? Number.POSITIVE_INFINITY,
      (soundPresent ? soundS : frameS) ?? newestS,
    );
    this.shortestDelayS = Math.min(this.shortestDelayS, surplusS - this.dueS);
    this.windowS += slotS;
    if (this.windowS < WINDOW_S) return;
    // A recording waits for its reader.
    const isBehind = this.shortestDelayS > MAX_DELAY_S && frames?.waits !== true;
    const catchUpS = isBehind ? this.shortestDelayS - this.delayS : 0;
    if (isBehind) this.drift.moved(catchUpS);
    this.jump(this.dueS + catchUpS);
  }

  private measureDrift({ frames, sound }: Pick<Reception, 'frames' | 'sound'>, bySound: boolean): void {
    const soundLeadS = sound?.takeLeadS();
    const frameLeadS = frames?.takeLeadS();
    // It arrives as fast as it is read.
    if (frames?.waits === true) return;
    if (bySound !== this.isMeasuredBySound) this.drift.reset();
    this.isMeasuredBySound = bySound;
    const dueLeadS = (this.dueS ?? 0) - performance.now() / 1000;
    this.drift.next(1 / this.options.fps, bySound ? soundLeadS : frameLeadS, dueLeadS);
  }

  private jump(toS: number): void {
    this.dueS = toS;
    this.windowS = 0;
    this.shortestDelayS = Number.POSITIVE_INFINITY;
  }

  private takeFrame(frames: FrameQueue): Frame | undefined {
    const untilS = (this.dueS ?? 0) + 0.5 / this.options.fps;
    let frame: Frame | undefined;
    while ((frames.timestampS(0) ?? Number.POSITIVE_INFINITY) <= untilS) {
      frame?.release();
      frame = frames.shift()?.frame;
    }
    return frame;
  }

  private checkSilence({ process }: Reception): void {
    const { frames, sound, anyMs } = this.arrived;
    const hasDelivered = frames + sound > 0;
    const silentMs = performance.now() - (hasDelivered ? anyMs : this.openedMs);
    if (silentMs < (hasDelivered ? SILENT_MS : (this.options.startupMs ?? STARTUP_MS))) return;
    this.openedMs = performance.now();
    this.endedFor = 'silence';
    process.kill();
  }

  /**
   * A server goes on with another publisher on the connection that the one before had been watched on. ffmpeg's timestamps never go
   * back, so that nothing more would be due for as long as that one had published.
   */
  private checkClock({ process }: Reception): void {
    const { standsMs, hasMoved } = this.clock;
    // Of a source without a clock, one process tells no more than another.
    if (standsMs < CLOCK_STANDS_MS || !hasMoved) return;
    this.clock = UNKNOWN_CLOCK;
    this.endedFor = 'clock';
    process.kill();
  }

  private open(): void {
    const reception = this.options.open();
    this.reception = reception;
    this.openedMs = performance.now();
    this.arrived = { ...this.arrived, frames: 0, sound: 0 };
    this.clock = UNKNOWN_CLOCK;
    this.dueS = undefined;
    this.drift.reset();
    void reception.process.exited.then((exit) => this.exited(exit));
  }

  private exited(exit: FfmpegExit): void {
    if (this.disposed) return;
    this.look();
    const { endedFor } = this;
    this.endedFor = undefined;
    if (endedFor === 'clock') {
      this.open();
      return;
    }
    const { frames, sound } = this.arrived;
    const delivered = frames + sound > 0;
    this.failure = { ...exit, delivered, ...(endedFor === 'silence' ? { silent: true } : {}) };
    this.options.onLoss(this.failure);
    // The run may end because of it.
    if (this.disposed) return;
    this.reception?.process.kill();
    this.reception = undefined;
    this.timer = setTimeout(() => this.open(), this.backoff.next());
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.reception?.process.kill();
  }
}
