import { isDeepStrictEqual } from 'node:util';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../base/disposable-store.js';
import type { RenditionSettings } from '../config/encode-settings.js';
import { MOST_RENDITIONS } from '../config/output-video.js';
import type { SourceConfig, VideoConfig } from '../config/schema.js';
import { ProcessorWait } from '../process-host/processor-wait.js';
import {
  EncoderAdaptedNotification,
  type EncoderExited,
  EncoderExitedNotification,
  EncoderProblemNotification,
  type EncoderReconfigureParams,
  type EncoderStageParams,
  type EncoderStartParams,
  type EncoderStartResult,
} from '../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { PartLogNotification, type PartLogParams } from '../protocol/lifecycle.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { checkDelayChange, encoderDelayFrames, moreDelayFrames } from './arguments/encoder-delay.js';
import { checkCodecChange } from './arguments/video-codecs.js';
import { FramePool, frameBytes } from './canvas/frame-pool.js';
import { canvasMemoryBytes, memoryBudget } from './canvas/memory-budget.js';
import { Programme, type ProgrammeSource } from './canvas/programme.js';
import type { SlotTime } from './canvas/slot-clock.js';
import { findClockFont } from './clock-font.js';
import { DiskCache } from './disk-cache.js';
import { EncoderReports, processesOf, type ReportedRun } from './encoder-reports.js';
import { EncoderSetup, type Encoders } from './encoder-setup.js';
import { knownCapabilities, probeCapabilities } from './ffmpeg-capabilities.js';
import { explainFfmpegExit, type FfmpegExit } from './ffmpeg-errors.js';
import { findFfmpeg } from './ffmpeg-resolver.js';
import { LogForwarder } from './log-forwarder.js';
import { silentInput } from './silent-input.js';
import { framesOfSources } from './sources/open-source.js';
import { SocketPairs } from './sources/socket-pairs.js';
import { StudioSources } from './sources/studio-sources.js';
import { OpenStage } from './stage/open-stage.js';
import { snapshotOf } from './stage/snapshot.js';
import type { Stage } from './stage/stage.js';
import type { ProgrammeEncoders } from './tracks/programme-encoders.js';
import { keptFrames } from './tracks/video-track.js';

export interface EncoderOptions {
  /** Folder of cached facts about ffmpeg and media; the user's cache folder if undefined. */
  readonly cacheFolder?: string;
  /** Maximum time from the start to the first frame, ms. */
  readonly startupMs?: number;
  /**
   * Whether each ffmpeg leads its own process group. Inside the core they would otherwise share the core's, and receive the
   * terminal's Ctrl-C that is meant for the core.
   */
  readonly ownProcessGroup?: boolean;
  /** The time by which slots are due, for measurements; real time if undefined. */
  readonly time?: SlotTime;
}

const PROGRESS_MS = 1000;
/** How often the sources' states are looked at, ms. */
const SOURCES_MS = 100;
/** Delay until the broadcast has settled, ms: probing ffmpeg takes half a second of CPU time. */
const PROBE_DELAY_MS = 5000;
const STARTUP_MS = 10_000;
/** The same for an address: it is analysed, and its next keyframe may be 10 s away. */
const URL_STARTUP_MS = 30_000;
/** The same where the computer is too busy. The core waits a little longer. */
const LONGEST_STARTUP_MS = 40_000;
/** Frames besides those that are owed and those of the sources: half read, on air. */
const MORE_FRAMES = 8;
/** Of the memory for frames: what renditions may keep for encoders that hang. What is never used costs nothing. */
const RENDITIONS_SHARE = 0.25;

/** Of a start: what is known then, and not when it is prepared. */
type Beginning = Pick<EncoderStartParams, 'resume' | 'stage' | 'positions'>;

/**
 * One run of the encoder, from `encoder/prepare` or `encoder/start` to `encoder/exited`: the source and the encoders are processes of
 * their own, and this one joins them. What any of them loses, this one still has.
 */
export class EncoderRun implements Disposable {
  private readonly cache: DiskCache;
  private readonly abort = new AbortController();
  private readonly owned = new DisposableStore();
  private readonly setup: EncoderSetup;
  private preparing: Promise<Encoders> | undefined;
  private programme: Programme | undefined;
  private reports: EncoderReports | undefined;
  private encoders: Encoders | undefined;
  private stage: Stage | undefined;
  private started = false;
  private renditions: readonly RenditionSettings[] = [];
  private over = false;

  /** @param onLost called when this run cannot be started any more */
  constructor(
    private readonly connection: RpcConnection,
    private readonly onLost: () => void,
    private readonly options: EncoderOptions,
  ) {
    this.cache = new DiskCache(options.cacheFolder);
    const log = new LogForwarder(connection);
    this.setup = new EncoderSetup({
      cache: this.cache,
      signal: this.abort.signal,
      owned: this.owned,
      ownProcessGroup: options.ownProcessGroup ?? false,
      events: {
        onLog: (line, redact) => log.take(line, redact),
        onLoss: (exit) => this.lost(exit),
        onClose: () => {
          if (!this.over) this.onLost();
        },
        onSubstitute: (error) => this.reportProblem(error),
        onProblem: (error) => this.reportProblem(error),
        tryHardware: (tracks) => this.tryHardware(tracks),
        onAdapt: (adapted) => connection.sendNotification(EncoderAdaptedNotification.type, adapted),
        onWarning: (message) => this.say('warn', message),
      },
    });
  }

  /** Performs the lookups of a start, so that the start finds files and packages in the caches. */
  lookAhead(): void {
    try {
      knownCapabilities(findFfmpeg(), this.cache);
      findClockFont();
    } catch {
      // The start will report the error.
    }
  }

  /**
   * Starts the encoders, which wait. If others wait already, whose settings have been changed meanwhile, they are replaced.
   *
   * @throws BulkheadError if ffmpeg, the input or the settings cannot work; then nothing is running
   */
  async prepare({ renditions = [], ...params }: EncoderStartParams): Promise<void> {
    const { preparing } = this;
    this.preparing =
      preparing === undefined
        ? this.build(params)
        : preparing.then((encoders) => this.setup.rebuild(encoders, params));
    try {
      const { tracks } = await this.preparing;
      // If it has been started meanwhile, that said which.
      if (!this.started) tracks.setRenditions(renditions);
    } catch (error) {
      // It may work when it is started: the failure is not kept.
      if (!this.started) this.preparing = undefined;
      throw error;
    }
  }

  /** @throws BulkheadError like {@link prepare} */
  async start({
    resume,
    stage,
    positions,
    renditions = [],
    ...params
  }: EncoderStartParams): Promise<EncoderStartResult> {
    if (this.started) throw misused('An encoder runs only once; this one was already started.');
    this.started = true;
    this.renditions = renditions;
    this.preparing ??= this.build(params);
    const encoders = await this.preparing;
    if (!isDeepStrictEqual(params, encoders.params)) {
      throw misused('The encoder was prepared for other settings than it is started with.');
    }
    this.encoders = encoders;
    encoders.tracks.setRenditions(this.renditions);
    await this.begin(encoders, { resume, stage, positions });
    return {
      processes: processesOf(encoders.tracks),
      ffmpegPath: encoders.ffmpeg.path,
      ffmpegVersion: encoders.version ?? 'unknown',
    };
  }

  /**
   * Has the programme encoded with other settings from the next keyframe on.
   *
   * @throws BulkheadError that says why not; then nothing has changed
   */
  async reconfigure({ video, audio, ffmpegPath }: EncoderReconfigureParams): Promise<void> {
    const { encoders } = this;
    if (encoders === undefined) throw notRunning();
    const { params, tracks } = encoders;
    const settings = { ...params.settings, video, audio };
    checkCodecChange(encoders.started, settings.video);
    checkDelayChange(encoders.started, settings.video);
    const encoding = await this.setup.encoding(settings, ffmpegPath, encoders);
    await encoders.pace.during(() => tracks.change(encoding));
    this.encoders = { ...encoders, params: { ...params, settings, ...(ffmpegPath && { ffmpegPath }) } };
  }

  /** Encodes these renditions, and no others. */
  setRenditions(renditions: readonly RenditionSettings[]): void {
    this.renditions = renditions;
    this.encoders?.tracks.setRenditions(renditions);
    this.feedRenditions();
  }

  private feedRenditions(): void {
    const { stage, encoders } = this;
    if (stage === undefined || encoders === undefined) return;
    stage.composesClean = encoders.tracks.renditions.haveClean;
    stage.feedAlone(encoders.tracks.sources.sources);
    stage.composedCanvases = encoders.tracks.renditions.canvases;
  }

  /**
   * Composes other scenes, or shows another one.
   *
   * @returns resolves when the scene is on air, after its transition
   * @throws BulkheadError if nothing is composed
   */
  async setStage({ stage, transition, glide }: EncoderStageParams): Promise<void> {
    if (this.stage === undefined) throw notRunning();
    await this.stage.set(stage, transition, glide);
  }

  /** Opens a source of what is composed anew. @throws BulkheadError if nothing is composed */
  restartSource(id: string): void {
    if (this.stage === undefined) throw notRunning();
    this.stage.restart(id);
  }

  /** Plays a source of what is composed, whatever is on air. @throws BulkheadError if nothing is composed */
  playSource(id: string): void {
    if (this.stage === undefined) throw notRunning();
    this.stage.play(id);
  }

  /**
   * What a source of what is composed shows, as a JPEG image.
   *
   * @throws BulkheadError if nothing is composed, or the source shows nothing
   */
  async snapshot(id: string): Promise<Buffer> {
    const { stage, encoders } = this;
    if (stage === undefined || encoders === undefined) throw notRunning();
    const frame = stage.copyOf(id);
    if (frame !== undefined) return snapshotOf(frame, encoders.ffmpeg.path);
    throw new BulkheadError(ErrorCodes.broadcastState, `the source "${id}" shows nothing yet`, {
      where: `sources.${id}`,
      remedy: 'It is open while a scene on air or the previewed one has it, or with "warm".',
    });
  }

  /** Resolves once everything that is owed has been delivered. */
  async stop(): Promise<void> {
    if (this.encoders === undefined) this.abort.abort();
    else await this.finish(this.encoders);
  }

  dispose(): void {
    this.over = true;
    this.abort.abort();
    this.owned.dispose();
  }

  private async build(params: EncoderStartParams): Promise<Encoders> {
    const { video } = params.settings;
    canvasMemoryBytes(video, (fps) => framesAt({ ...video, fps }));
    return this.setup.build(params);
  }

  /** Opens the sources: not before, since a device or an address may serve one reader alone. */
  private async begin(encoders: Encoders, beginning: Beginning): Promise<void> {
    const { params, format, tracks, writer } = encoders;
    const { audio, buses, sources: alone } = tracks;
    buses.set(beginning.stage?.mixer.buses.length ?? 0);
    const { fps } = params.settings.video;
    const { owned } = this;
    const { sources, source } = await this.openSources(encoders, beginning);
    if (this.over) return;
    const onEnd = () => void this.finish(encoders);
    const { time } = this.options;
    const programme = owned.add(
      new Programme({ fps, format, source, video: tracks, audio, buses, sources: alone, onEnd, time }),
    );
    this.programme = programme;
    const reports = new EncoderReports(this.connection, { fps, sources, programme, tracks, writer });
    this.reports = reports;
    programme.start();
    this.every(PROGRESS_MS, () => {
      encoders.pace.check();
      reports.reportProgress();
    });
    this.every(SOURCES_MS, () => reports.reportSources());
    this.watchStart(encoders);
    this.after(PROBE_DELAY_MS, () => this.probe(encoders));
  }

  private async openSources(
    { params: { settings }, ffmpeg, contextOf, format, tracks, frames }: Encoders,
    { resume, stage, positions = {} }: Beginning,
  ): Promise<{ readonly sources: ReportedRun['sources']; readonly source: ProgrammeSource }> {
    const { owned } = this;
    const { video } = settings;
    const site = { ffmpeg, pairs: owned.add(new SocketPairs()), format, contextOf };
    const onProblem = (error: BulkheadError) => this.reportProblem(error);
    if (stage !== undefined) {
      const open = await OpenStage.open({
        ...{ config: stage, video, site, frames, onProblem },
        onLevels: (levels) => this.reports?.reportLevels(levels),
        onLog: (message) => this.say('warn', message),
        keptFrames: framesAt(video) - framesOfSources(video.fps) + framesOfRenditions(video),
        alone: tracks.sources.sources,
        keptFramesOfCanvas: keptFrames(video.fps, encoderDelayFrames(video)) + MORE_FRAMES,
        positions: new Map(Object.entries(positions)),
      });
      owned.add(open);
      this.stage = open.stage;
      this.feedRenditions();
      return { sources: open, source: open.stage };
    }
    const sources = owned.add(
      new StudioSources({
        ...{ settings, resume, onProblem },
        site: {
          ...site,
          pool: new FramePool(frameBytes(video), framesAt(video) + framesOfRenditions(video)),
          video,
        },
        onFailure: (error) => {
          if (tracks.video.deliveredSlot < 0) this.fail(error);
        },
      }),
    );
    return { sources, source: await sources.open() };
  }

  private watchStart({ params, tracks: { video } }: Encoders): void {
    const { settings } = params;
    const delayMs = Math.ceil(encoderDelayFrames(settings.video) / settings.video.fps) * 1000;
    const startupMs = (this.options.startupMs ?? usualStartupMs(settings.input)) + delayMs;
    const processor = ProcessorWait.of(process.pid);
    const check = (waitedMs: number) => {
      if (video.deliveredSlot >= 0) return;
      // Another run would have no more of the processor, and has to begin anew.
      if (processor.wasStarved() && waitedMs + startupMs <= LONGEST_STARTUP_MS)
        this.after(startupMs, () => check(waitedMs + startupMs));
      else this.fail(silentInput(settings.input, waitedMs));
    };
    this.after(startupMs, () => check(startupMs));
  }

  /** What this ffmpeg can do is found out once the broadcast has settled, for the next start. */
  private probe({ version, ffmpeg }: Encoders): void {
    if (version !== undefined) return;
    probeCapabilities(ffmpeg.path, { cache: this.cache, signal: this.abort.signal }).catch(() => {});
  }

  /** Before the first frame, what was lost would be lost again. */
  private lost(exit: FfmpegExit): void {
    const { encoders } = this;
    if (encoders === undefined || encoders.tracks.video.deliveredSlot >= 0) return;
    const { params, ffmpeg } = encoders;
    this.fail(explainFfmpegExit({ ...exit, delivered: false }, params.settings.input, ffmpeg.path));
  }

  /** @throws BulkheadError if it does not work yet */
  private async tryHardware(tracks: ProgrammeEncoders): Promise<void> {
    const { encoders } = this;
    if (encoders?.tracks !== tracks) return;
    await encoders.pace.during(() => tracks.tryHardware());
    this.say('info', `the encoder "${encoders.params.settings.video.encoder}" works again`);
  }

  private reportProblem(error: BulkheadError): void {
    this.connection.sendNotification(EncoderProblemNotification.type, error.toData());
  }

  private say(level: PartLogParams['level'], message: string): void {
    this.connection.sendNotification(PartLogNotification.type, { level, message });
  }

  private every(intervalMs: number, step: () => void): void {
    const timer = setInterval(step, intervalMs);
    this.owned.add({ dispose: () => clearInterval(timer) });
  }

  private after(delayMs: number, step: () => void): void {
    const timer = setTimeout(step, delayMs);
    this.owned.add({ dispose: () => clearTimeout(timer) });
  }

  private async finish({ tracks, writer }: Encoders): Promise<void> {
    this.programme?.dispose();
    await tracks.end();
    await writer.end();
    if (!this.over) this.reports?.reportEnd();
    this.exit({ exitCode: 0, signal: null, finished: true });
  }

  private fail(error: BulkheadError): void {
    this.exit({ exitCode: null, signal: null, finished: false, error: error.toData() });
  }

  private exit(exited: EncoderExited): void {
    if (this.over) return;
    this.dispose();
    this.connection.sendNotification(EncoderExitedNotification.type, exited);
  }
}

function usualStartupMs({ type }: SourceConfig): number {
  return type === 'url' || type === 'browser' ? URL_STARTUP_MS : STARTUP_MS;
}

function misused(message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.internal, message, { where: 'encoder' });
}

function notRunning(): BulkheadError {
  return new BulkheadError(ErrorCodes.broadcastState, 'Nothing is being encoded yet.', { where: 'encoder' });
}

/** Frames that are needed with these settings. */
function framesAt(video: VideoConfig): number {
  const delay = encoderDelayFrames(video) + moreDelayFrames(video.fps);
  return keptFrames(video.fps, delay) + framesOfSources(video.fps) + MORE_FRAMES;
}

/** Frames that renditions keep which the programme's encoder has delivered already. */
function framesOfRenditions(video: VideoConfig): number {
  const most = MOST_RENDITIONS * keptFrames(video.fps, encoderDelayFrames(video));
  return Math.min(most, Math.floor((memoryBudget() * RENDITIONS_SHARE) / frameBytes(video)));
}
