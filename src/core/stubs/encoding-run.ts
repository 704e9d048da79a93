import type { Disposable } from 'vscode-jsonrpc';
import type { MixLevels } from '../../protocol/audio.js';
import type {
  EncoderExited,
  EncoderProcesses,
  EncoderProgress,
  EncoderSources,
  SourceStatus,
} from '../../protocol/encoder.js';
import { BulkheadError } from '../../protocol/errors.js';
import type { MediaSocket } from '../media-sockets/media-sockets.js';
import type { ReadyPart } from '../processes/part-supervisor.js';
import { waitsForProcessor } from '../processes/waits-for-processor.js';
import { MediaWatchdog } from '../timeline/media-watchdog.js';
import type { EpochWriter } from '../timeline/timeline.js';
import { FrameFeed } from './frame-feed.js';

/** The end of ffmpeg is seen on two channels: how long the second may lag behind the first, ms. */
const EXIT_LAG_MS = 50;
/** The same where its exit says whether a file has ended or has to be played again, ms. */
const FILE_END_LAG_MS = 2000;

/** Number of consecutive late frames after which an encoder counts as silent, but never less than the time below: it reports once a second. */
const LATE_FRAMES = 4;
const SILENT_AFTER_MS = 1500;
/** Number of late frames after which one that sounds or reports is restarted nevertheless, but never less than the watchdog's own time. */
const MISSING_FRAMES = 8;
const FRAMELESS_AFTER_MS = 5000;
/** A report of the last second says nothing of the present when it is older than this, ms: the next is due after one. */
const OUTDATED_AFTER_MS = 2500;
/** Maximum time to a run's first frame, ms: the encoder itself gives up an input after 30 s, and says why. */
const FIRST_FRAME_MS = 45_000;

export const STANDSTILL = { fps: 0, bitrateKbps: 0 };
export const NO_PROCESSES: EncoderProcesses = { videoPid: 0, audioPid: 0, heldVideoPid: 0, heldAudioPid: 0 };

export interface EncodingRunOptions {
  readonly part: ReadyPart;
  readonly epoch: EpochWriter;
  /** At which it should deliver. */
  readonly fps: number;
  /** Whether it may end with its input. */
  readonly playsOnce: boolean;
  /** Media has come, and its epoch is on air. Also for the rest of an ended run's media. */
  readonly onDelivery: () => void;
  /** It delivers nothing, or no media. */
  readonly onFault: (error: BulkheadError) => void;
  /** Its media has ended, or its encoder has reported its exit; `exited` is undefined if that has not come in time. */
  readonly onEnd: (exited: EncoderExited | undefined) => void;
}

/**
 * One run of the encoder, an epoch of the broadcast: its media on the way to the timeline, what it has reported, and its end. Once it
 * is disposed of, it calls back no more but for the rest of its media.
 */
export class EncodingRun implements Disposable {
  readonly part: ReadyPart;
  readonly epoch: EpochWriter;
  processes = NO_PROCESSES;
  private readonly watchdog: MediaWatchdog;
  private lastProgress: EncoderProgress | undefined;
  private progressAtMs = 0;
  /** As last reported, and the number of frames that the run had delivered then. */
  private lastSources: readonly SourceStatus[] = [];
  private framesThen = 0;
  private mediaEnded = false;
  private lastLevels: MixLevels | undefined;
  private exited: EncoderExited | undefined;
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;
  private feed: FrameFeed | undefined;

  constructor(private readonly options: EncodingRunOptions) {
    const { part, epoch, fps, onFault } = options;
    this.part = part;
    this.epoch = epoch;
    const silentAfterMs = Math.max(SILENT_AFTER_MS, (LATE_FRAMES * 1000) / fps);
    const framelessAfterMs = Math.max(FRAMELESS_AFTER_MS, (MISSING_FRAMES * 1000) / fps);
    this.watchdog = new MediaWatchdog({
      ...{ silentAfterMs, framelessAfterMs, startupMs: FIRST_FRAME_MS },
      // Another one would only have less of it.
      waitsForProcessor: () => waitsForProcessor(part.pid),
    });
    this.watchdog.onSilence(onFault);
  }

  get progress(): EncoderProgress | undefined {
    return this.lastProgress;
  }

  /** How fast it encodes now. */
  get pace(): Pick<EncoderProgress, 'fps' | 'bitrateKbps'> {
    const isOutdated = performance.now() - this.progressAtMs > OUTDATED_AFTER_MS;
    const { fps, bitrateKbps } = this.lastProgress ?? STANDSTILL;
    return isOutdated ? STANDSTILL : { fps, bitrateKbps };
  }

  /** As last measured. */
  get levels(): MixLevels | undefined {
    return this.lastLevels;
  }

  /** As last reported, the one on air first. */
  get sources(): readonly SourceStatus[] {
    return this.lastSources;
  }

  /**
   * Frames of the source that have arrived since its position was reported; none while it does not deliver. Negative if some of those
   * before have not arrived.
   */
  get framesSinceReport(): number {
    return this.lastSources[0]?.state === 'live' ? this.epoch.frames - this.framesThen : 0;
  }

  /** Takes frames of plugins to its encoder. */
  get frames(): FrameFeed | undefined {
    return this.feed;
  }

  /** Whether its encoder has reported its exit. */
  get hasExited(): boolean {
    return this.exited !== undefined;
  }

  noteProgress(progress: EncoderProgress): void {
    this.watchdog.touchOther();
    this.lastProgress = progress;
    this.progressAtMs = performance.now();
    this.processes = progress.processes;
  }

  noteSources({ sources, frames }: EncoderSources): void {
    this.watchdog.touchOther();
    this.lastSources = sources;
    this.framesThen = frames;
  }

  noteLevels(levels: MixLevels): void {
    this.lastLevels = levels;
  }

  noteExit(exited: EncoderExited): void {
    this.exited = exited;
    this.ending();
  }

  /** Has its media go to its epoch, and frames of plugins the other way. */
  read(socket: MediaSocket): void {
    this.feed = new FrameFeed(socket);
    socket.read(
      (chunk) => this.take(chunk),
      () => {
        this.mediaEnded = true;
        this.epoch.end();
        // Its silence is no longer relevant: from now on the deadline of its exit applies.
        this.watchdog.dispose();
        this.ending();
      },
    );
  }

  /** Also takes the rest of an ended run's media: the timeline uses it until the next run joins. */
  private take(chunk: Buffer): void {
    const { epoch, watchdog, options } = this;
    const before = epoch.frames;
    try {
      epoch.write(chunk, performance.now());
    } catch (error) {
      if (!this.disposed) options.onFault(BulkheadError.from(error));
      return;
    }
    if (!this.disposed) {
      if (epoch.frames > before) watchdog.touchFrames(epoch.joined);
      else watchdog.touchOther();
    }
    if (epoch.joined) options.onDelivery();
  }

  /**
   * ffmpeg has ended, according to one of two channels: its last bytes and its exit may arrive in either order. The
   * second one is awaited for a short time.
   */
  private ending(): void {
    if (this.disposed) return;
    const { playsOnce, onEnd } = this.options;
    if (this.mediaEnded && this.exited !== undefined) onEnd(this.exited);
    else {
      const lagMs = this.exited === undefined && playsOnce ? FILE_END_LAG_MS : EXIT_LAG_MS;
      this.timer ??= setTimeout(() => onEnd(this.exited), lagMs);
    }
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.feed?.dispose();
    this.watchdog.dispose();
  }
}
