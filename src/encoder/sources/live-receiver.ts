import type { Disposable } from 'vscode-jsonrpc';
import { Backoff } from '../../base/backoff.js';
import type { Frame } from '../canvas/frame-pool.js';
import type { FfmpegExit } from '../ffmpeg-errors.js';
import { type AudioFormat, BYTES_PER_SAMPLE } from '../tracks/audio-encoder.js';
import type { FrameQueue } from './frame-queue.js';
import type { SoundQueue } from './sound-queue.js';
import type { SourceSlot } from './source.js';
import type { SourceProcess } from './source-process.js';

/** One process that receives, and what it has delivered. */
export interface Reception {
  readonly process: Pick<SourceProcess, 'pid' | 'exited' | 'kill'>;
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
/** Sound that is this far from its place is put there, s; less is not heard. */
const SOUND_OFF_S = 0.04;
/** Without a packet for this long, a track does not hold up the other, s. */
const ABSENT_S = 0.3;

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
  private nextSample = 0;
  private shortestDelayS = Number.POSITIVE_INFINITY;
  private windowS = 0;
  private isSoundAlone = false;
  private failure: FfmpegExit | undefined;
  /** Whether the process is ended since it delivers nothing. */
  private isSilent = false;
  private disposed = false;
  private readonly delayS: number;

  constructor(private readonly options: LiveReceiverOptions) {
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
    this.advance(reception);
    const frame = reception.frames === undefined ? undefined : this.takeFrame(reception.frames);
    if (reception.sound !== undefined) this.takeSound(reception.sound, samples, sound);
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
      arrived.anyMs = now;
      this.failure = undefined;
      this.backoff.reset();
    }
    arrived.frames = frames;
    arrived.sound = sound;
    // Between two processes it is what it was.
    if (frames + sound > 0) this.isSoundAlone = reception?.frames === undefined || (frames <= 1 && sound > 0);
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
    const { fps, format } = this.options;
    const { arrived } = this;
    const slotS = 1 / fps;
    const frameS = arrived.frames > 0 ? frames?.lastS : undefined;
    const hasSound = sound !== undefined && arrived.sound > 0;
    const soundS = hasSound ? sound.end / format.sampleRate - slotS : undefined;
    const isFresh = arrived.freshFrames;
    arrived.freshFrames = false;
    const newestS = frameS ?? soundS;
    if (newestS === undefined) return;
    const firstS = frames?.timestampS(0);
    if (this.dueS === undefined || (firstS !== undefined && firstS > this.dueS + GAP_S)) {
      this.jump(newestS - this.delayS);
      return;
    }
    this.dueS += slotS;
    // What arrives late is waited for, and everything remains that much later.
    if (frameS !== undefined && isFresh) this.dueS = Math.min(this.dueS, frameS);
    const soundPresent = performance.now() - arrived.soundMs < ABSENT_S * 1000;
    if (soundS !== undefined && soundPresent) this.dueS = Math.min(this.dueS, soundS);
    const surplusS = Math.min(
      frameS ?? Number.POSITIVE_INFINITY,
      (soundPresent ? soundS : frameS) ?? newestS,
    );
    this.shortestDelayS = Math.min(this.shortestDelayS, surplusS - this.dueS);
    this.windowS += slotS;
    if (this.windowS < WINDOW_S) return;
    // A recording waits for its reader.
    if (this.shortestDelayS > MAX_DELAY_S && frames?.waits !== true)
      this.jump(this.dueS + this.shortestDelayS - this.delayS);
    else this.jump(this.dueS);
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

  private takeSound(sound: SoundQueue, samples: number, target: Buffer): void {
    const { sampleRate } = this.options.format;
    const due = Math.round((this.dueS ?? 0) * sampleRate);
    if (Math.abs(due - this.nextSample) > SOUND_OFF_S * sampleRate) this.nextSample = due;
    sound.take(this.nextSample, target);
    this.nextSample += samples;
  }

  private checkSilence({ process }: Reception): void {
    const { frames, sound, anyMs } = this.arrived;
    const hasDelivered = frames + sound > 0;
    const silentMs = performance.now() - (hasDelivered ? anyMs : this.openedMs);
    if (silentMs < (hasDelivered ? SILENT_MS : (this.options.startupMs ?? STARTUP_MS))) return;
    this.openedMs = performance.now();
    this.isSilent = true;
    process.kill();
  }

  private open(): void {
    const reception = this.options.open();
    this.reception = reception;
    this.openedMs = performance.now();
    this.arrived = { ...this.arrived, frames: 0, sound: 0 };
    this.dueS = undefined;
    void reception.process.exited.then((exit) => this.exited(exit));
  }

  private exited(exit: FfmpegExit): void {
    if (this.disposed) return;
    this.look();
    this.failure = this.isSilent ? { ...exit, silent: true } : exit;
    this.isSilent = false;
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
