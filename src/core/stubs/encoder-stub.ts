import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { RenditionSettings, StageConfig } from '../../config/encode-settings.js';
import type { TransitionConfig } from '../../config/schema.js';
import type { MixLevels } from '../../protocol/audio.js';
import {
  type EncoderExited,
  EncoderPlaySourceRequest,
  EncoderPrepareRequest,
  EncoderReconfigureRequest,
  EncoderRenditionsRequest,
  EncoderRestartSourceRequest,
  EncoderSnapshotRequest,
  EncoderStageRequest,
  EncoderStartRequest,
  EncoderStopRequest,
  type SourceStatus,
} from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { LayerGlide } from '../../protocol/scenes.js';
import type { CanvasStatus } from '../../protocol/status/canvas-status.js';
import type { EncoderStatus, InputStatus, RenditionStatus } from '../../protocol/status/encoder-status.js';
import { CheckedChannel } from '../../rpc/checked-channel.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { CoreOptions } from '../core-options.js';
import { Log } from '../log/log.js';
import { MediaSockets } from '../media-sockets/media-sockets.js';
import { PartLaunchers } from '../processes/part-launcher.js';
import { PartSupervisor, type ReadyPart } from '../processes/part-supervisor.js';
import type { EpochWriter } from '../timeline/timeline.js';
import { EncoderMedia } from './encoder-media.js';
import { type EncoderChange, type EncoderTask, RunningTask, withChange } from './encoder-task.js';
import { EncodingRun, NO_PROCESSES, STANDSTILL } from './encoding-run.js';
import type { FrameFeed } from './frame-feed.js';
import { EncoderStartedSchema, SnapshotSchema } from './part-messages.js';
import { ReceivedReports, type Reported } from './received-reports.js';
import { StageUpdates } from './stage-updates.js';

/** Deadline for an encoder to spawn its ffmpeg, ms: a network input is probed first. */
const START_DEADLINE_MS = 20_000;
/** Deadline for an encoder to go on with other settings, ms: it waits for keyframes, which are 10 s apart at most. */
const RECONFIGURE_DEADLINE_MS = 45_000;
/** Deadline for a scene, ms: its sources are waited for, and a transition may take 10 s. */
const STAGE_DEADLINE_MS = 30_000;
/** Deadline for an image of a frame, ms. */
const SNAPSHOT_DEADLINE_MS = 10_000;
/** Deadline for ffmpeg to flush its last GOP and exit, ms. */
const STOP_DEADLINE_MS = 3000;
/** Deadline for the part's process to exit without a running ffmpeg, ms. */
const SHUTDOWN_DEADLINE_MS = 1000;

function notNow(message: string, options: { readonly remedy?: string } = {}): BulkheadError {
  return new BulkheadError(ErrorCodes.broadcastState, message, { where: 'encoder', ...options });
}

/**
 * The encoding stub (patent: the main control process calls the stub, which calls the encoding process). Keeps one
 * encoder running for as long as the broadcast needs one: a run that ends unexpectedly is followed by the next.
 */
@injectable()
export class EncoderStub implements Disposable {
  private readonly supervisor: PartSupervisor;
  private readonly media: EncoderMedia;
  private readonly reports = new ReceivedReports();
  private task: RunningTask | undefined;
  private run: EncodingRun | undefined;
  private isReconfiguring = false;
  private readonly stageUpdates = new StageUpdates(
    async () => {
      const { stage } = this.task?.params ?? {};
      if (stage !== undefined) await this.sendStage(stage);
    },
    () => 1000 / (this.task?.params.settings.video.fps ?? 1),
  );
  private readonly finishEmitter = new Emitter<void>();
  private readonly giveUpEmitter = new Emitter<BulkheadError>();
  private readonly crashEmitter = new Emitter<BulkheadError>();
  /** The input has ended. */
  readonly onDidFinish: Event<void> = this.finishEmitter.event;
  /** The settings cannot work; nothing has been delivered. */
  readonly onDidGiveUp: Event<BulkheadError> = this.giveUpEmitter.event;
  /**
   * A run ended unexpectedly, and the next one is being started. A failure that repeats without a frame in between is
   * reported once: a missing input is retried every few seconds.
   */
  readonly onDidCrash: Event<BulkheadError> = this.crashEmitter.event;
  /** The encoder does not reach the configured frame rate. */
  readonly onDidFallBehind: Event<BulkheadError> = this.reports.onDidFallBehind;
  /** The encoder encodes more again after it had fallen behind: a sentence for the streamer. */
  readonly onDidCatchUp: Event<string> = this.reports.onDidCatchUp;
  /** Something is wrong that does not end the run, such as a damaged file. */
  readonly onDidHaveProblem: Event<BulkheadError> = this.reports.onDidHaveProblem;
  /** 20 times a second while scenes are composed. */
  readonly onDidMeasure: Event<MixLevels> = this.reports.onDidMeasure;
  /** `sources` is as the encoder has just reported it: once a second, and when the state of a source has changed. */
  readonly onDidReportSources: Event<void> = this.reports.onDidReportSources;
  /** The input delivers again, after this many ms without. */
  readonly onDidRecoverInput: Event<number> = this.reports.onDidRecoverInput;

  constructor(
    @inject(PartLaunchers) launchers: Pick<PartLaunchers, 'encoder'>,
    @inject(MediaSockets) sockets: MediaSockets,
    @inject(CoreOptions) { logLevel }: Pick<CoreOptions, 'logLevel'>,
    @inject(Log) private readonly log: Log,
  ) {
    this.media = new EncoderMedia(sockets);
    this.supervisor = new PartSupervisor({
      launcher: launchers.encoder,
      logLevel,
      spare: true,
      configure: (connection) => this.reports.receive(connection, () => this.reportedBy(connection)),
    });
    this.supervisor.onDidBecomeReady((part) => this.begin(part));
    this.supervisor.onDidWarmSpare((connection) => this.prepare(connection));
    this.supervisor.onDidEnd(({ reason, expected }) => {
      this.endRun();
      if (this.task === undefined || expected || reason === undefined) return;
      this.task.input.runFailed(reason);
      this.reportCrash(this.task, reason);
    });
    this.supervisor.onDidLog(({ level, message, pid }) => log[level](`encoder ${pid}: ${message}`));
  }

  /** Starts a process ahead of time, so that `start` need not wait for it. */
  warmUp(): void {
    this.supervisor.start();
  }

  /** Encodes until `stop`. Each run's bytes go to an epoch that `beginEpoch` opens. */
  start(params: EncoderTask, beginEpoch: () => EpochWriter): void {
    this.task = new RunningTask(params, beginEpoch);
    this.supervisor.start();
    const ready = this.supervisor.active;
    if (ready !== undefined) this.begin(ready);
  }

  /**
   * Goes on with other settings from a keyframe on, in this run and those to come. Resolves when that has happened.
   *
   * @param change the settings that change; checked
   * @returns all settings that apply now
   * @throws BulkheadError `broadcast.state` if that is not possible now, or the encoder's reason; then nothing has changed
   */
  async reconfigure(change: EncoderChange): Promise<EncoderTask> {
    const { task, run } = this;
    if (task === undefined || run?.epoch.joined !== true) throw notNow('nothing is being encoded at present');
    if (this.isReconfiguring) {
      throw notNow('the settings of the encoder are being changed already', { remedy: 'Try again shortly.' });
    }
    const params = withChange(task.params, change);
    this.isReconfiguring = true;
    try {
      const { settings, ffmpegPath } = params;
      await run.part.connection.sendRequest(
        EncoderReconfigureRequest.type,
        {
          ...{ video: settings.video, audio: settings.audio },
          ...(ffmpegPath === undefined ? {} : { ffmpegPath }),
        },
        { deadlineMs: RECONFIGURE_DEADLINE_MS },
      );
    } finally {
      this.isReconfiguring = false;
    }
    task.params = params;
    if (this.task === task) this.prepare(this.supervisor.warmSpare);
    this.log.info('the settings of the encoder were changed', { ...change.video, ...change.audio });
    return params;
  }

  /**
   * Composes other scenes, or shows another one, in this run and those to come. Resolves when that is on air, after its transition; if the
   * run ends meanwhile, the next one begins with it. Changes without a transition that come faster than frames are combined.
   *
   * @param transition to another scene; that of before, where it has not begun, without one
   * @param glide how layers get to other places; at once without it
   * @throws BulkheadError `broadcast.state` while nothing is encoded
   */
  async setStage(stage: StageConfig, transition?: TransitionConfig, glide?: LayerGlide): Promise<void> {
    const { task } = this;
    if (task !== undefined) task.params = { ...task.params, stage };
    const isGradual = transition !== undefined || glide !== undefined;
    if (!isGradual && task !== undefined) await this.stageUpdates.request();
    else await this.sendStage(stage, transition, glide);
  }

  /**
   * Encodes these renditions, and no others, in this run and those to come. Nothing while nothing is encoded.
   *
   * @throws BulkheadError if the encoder refuses; what fails of a rendition later is a problem
   */
  async setRenditions(renditions: readonly RenditionSettings[]): Promise<void> {
    const { task } = this;
    if (task === undefined) return;
    task.params = { ...task.params, renditions };
    if (task.hasDelivered) this.prepare(this.supervisor.warmSpare);
    await this.askRun((connection, deadline) =>
      connection.sendRequest(EncoderRenditionsRequest.type, { renditions }, deadline),
    );
  }

  private async sendStage(
    stage: StageConfig,
    transition?: TransitionConfig,
    glide?: LayerGlide,
  ): Promise<void> {
    const params = {
      stage,
      ...(transition === undefined ? {} : { transition }),
      ...(glide === undefined ? {} : { glide }),
    };
    await this.askRun((connection, deadline) =>
      connection.sendRequest(EncoderStageRequest.type, params, deadline),
    );
  }

  /** Opens a source of the scenes anew; all are, where the run ends meanwhile. @throws BulkheadError like `setStage` */
  async restartSource(id: string): Promise<void> {
    await this.askRun((connection, deadline) =>
      connection.sendRequest(EncoderRestartSourceRequest.type, { id }, deadline),
    );
  }

  /** Plays a source of the scenes once, whatever is on air; not where the run ends meanwhile. @throws BulkheadError like `setStage` */
  async playSource(id: string): Promise<void> {
    await this.askRun((connection, deadline) =>
      connection.sendRequest(EncoderPlaySourceRequest.type, { id }, deadline),
    );
  }

  /**
   * What a source of the scenes shows: a JPEG image in base64.
   *
   * @throws BulkheadError `broadcast.state` while that is nothing, or nothing is encoded
   */
  async snapshot(id: string): Promise<string> {
    const { run } = this;
    if (run === undefined) throw notNow('nothing is being encoded at present');
    const encoder = new CheckedChannel(run.part.connection, 'encoder');
    const { image } = await encoder.ask(EncoderSnapshotRequest.type, { id }, SnapshotSchema, {
      deadlineMs: SNAPSHOT_DEADLINE_MS,
    });
    return image;
  }

  private async askRun(
    ask: (connection: RpcConnection, deadline: { readonly deadlineMs: number }) => Promise<unknown>,
  ): Promise<void> {
    const { task, run } = this;
    if (task === undefined) throw notNow('nothing is being encoded at present');
    if (run === undefined) return;
    try {
      await ask(run.part.connection, { deadlineMs: STAGE_DEADLINE_MS });
    } catch (error) {
      // It has died: the next run begins with what was wanted.
      const isLost = error instanceof BulkheadError && error.code === ErrorCodes.rpcClosed;
      if (this.run === run && !isLost) throw error;
    }
  }

  /** Ends the current run in order, and every process of the encoder. */
  async stop(): Promise<void> {
    this.task = undefined;
    this.stageUpdates.flush();
    const run = this.run;
    if (run !== undefined && !run.hasExited) {
      await run.part.connection
        .sendRequest(EncoderStopRequest.type, {}, { deadlineMs: STOP_DEADLINE_MS })
        .catch((error: unknown) => this.log.warn(`the encoder did not stop in order: ${String(error)}`));
    }
    await this.supervisor.stop(SHUTDOWN_DEADLINE_MS);
    this.endRun();
  }

  status(): EncoderStatus {
    const { supervisor, run } = this;
    const renditions = this.renditions();
    return {
      pid: supervisor.pid,
      ...(run?.processes ?? NO_PROCESSES),
      preset: run?.progress?.preset ?? this.task?.params.settings.video.preset,
      queuedFrames: run?.progress?.queuedFrames ?? 0,
      skippedSlots: run?.progress?.skippedSlots ?? 0,
      repeatedFrames: run?.progress?.repeatedFrames ?? 0,
      ...(renditions.length === 0 ? {} : { renditions }),
      epoch: this.task?.epochs ?? 0,
      restarts: supervisor.restarts,
      state: supervisor.state,
      isolated: supervisor.isolated,
      ...(run?.pace ?? STANDSTILL),
      error: supervisor.error?.toData(),
    };
  }

  private renditions(): RenditionStatus[] {
    const { task, run } = this;
    return (task?.params.renditions ?? []).map(({ id, source, ...video }) => {
      const progress = run?.progress?.renditions?.find((other) => other.id === id);
      return {
        ...{ id, video, ...(source === undefined ? {} : { source }) },
        ...(progress ?? { ...STANDSTILL, videoPid: 0, heldVideoPid: 0, skippedSlots: 0 }),
      };
    });
  }

  /** The one on air first; empty while nothing is being encoded. */
  sources(): readonly SourceStatus[] {
    return this.run?.sources ?? [];
  }

  /** Takes frames of plugins to the encoder: another one for each run; undefined while nothing is being encoded. */
  get frames(): FrameFeed | undefined {
    return this.run?.frames;
  }

  /** How loud it is, as last measured; undefined without scenes. */
  get levels(): MixLevels | undefined {
    return this.run?.levels;
  }

  /** What is composed; empty while nothing is being encoded. */
  canvases(): readonly CanvasStatus[] {
    if (this.task === undefined) return [];
    const { width, height, fps } = this.task.params.settings.video;
    return [{ id: 'main', width, height, fps }];
  }

  /** Undefined while nothing is being encoded. */
  inputStatus(): InputStatus | undefined {
    return this.task?.input.status();
  }

  private reportedBy(connection: RpcConnection): Reported | undefined {
    const { run, task } = this;
    return run?.part.connection === connection ? { run, task } : undefined;
  }

  /** Has the spare load its ffmpeg and wait, so that after a crash only the input has to be opened. */
  private prepare(spare: RpcConnection | undefined): void {
    if (this.task === undefined || spare === undefined) return;
    // What is composed is known when it starts: it changes more often than the encoder.
    const { stage: _, ...params } = this.task.params;
    const socket = this.media.of(spare);
    socket.address
      .then((media) =>
        spare.sendRequest(
          EncoderPrepareRequest.type,
          { ...params, media },
          { deadlineMs: START_DEADLINE_MS },
        ),
      )
      .catch((error: unknown) => {
        this.log.debug(`the spare encoder is not prepared: ${String(error)}`);
        // Its token may be used up. A start gets another one, unless it is already in progress.
        if (this.reportedBy(spare) === undefined) this.media.retire(spare);
      });
  }

  private begin(part: ReadyPart): void {
    const task = this.task;
    if (task === undefined || this.run !== undefined) return;
    const { fps } = task.params.settings.video;
    const run = new EncodingRun({
      ...{ part, fps, epoch: task.beginEpoch(), playsOnce: task.playsOnce },
      onDelivery: () => this.delivered(task),
      onFault: (error) => this.supervisor.fail(error),
      onEnd: (exited) => this.ended(exited),
    });
    this.run = run;
    const socket = this.media.of(part.connection);
    run.read(socket);
    const encoder = new CheckedChannel(part.connection, 'encoder');
    const { resume, positions } = task;
    const where = task.params.stage === undefined ? { resume } : { positions };
    socket.address
      .then((media) =>
        encoder.ask(
          EncoderStartRequest.type,
          { ...task.params, media, ...(resume === undefined ? {} : where) },
          EncoderStartedSchema,
          { deadlineMs: START_DEADLINE_MS },
        ),
      )
      .then(({ processes, ffmpegPath }) => {
        run.processes = processes;
        this.log.info(`epoch ${run.epoch.number}: ${ffmpegPath} runs`, { ...processes });
      })
      .catch((error: unknown) => {
        if (this.run === run) this.runFailed(BulkheadError.from(error, ErrorCodes.encoderCrashed));
      });
  }

  private delivered(task: RunningTask): void {
    // A spare from before the start has not prepared anything yet; doing so earlier would have delayed the first frame.
    if (!task.hasDelivered) this.prepare(this.supervisor.warmSpare);
    task.noteDelivery();
  }

  private ended(exited: EncoderExited | undefined): void {
    if (exited?.finished === true) {
      this.endRun();
      if (this.task !== undefined) this.finishEmitter.fire();
      return;
    }
    this.runFailed(
      exited?.error === undefined
        ? new BulkheadError(ErrorCodes.encoderCrashed, 'ffmpeg has ended before its time.', {
            where: 'encoder',
          })
        : BulkheadError.fromData(exited.error),
    );
  }

  private runFailed(reason: BulkheadError): void {
    // The encoder is being stopped, which ends its process as well.
    if (this.task === undefined) return;
    const finalError = this.task.finalErrorOf(reason);
    if (finalError === undefined) {
      this.supervisor.fail(reason);
      return;
    }
    // Its end is not a crash to recover from.
    this.task = undefined;
    this.supervisor.giveUp(finalError);
    this.giveUpEmitter.fire(finalError);
  }

  private reportCrash(task: RunningTask, reason: BulkheadError): void {
    if (task.isNews(reason)) this.crashEmitter.fire(reason);
    else this.log.debug(`encoder: again: ${reason.message}`);
  }

  private endRun(): void {
    if (this.run !== undefined) this.task?.noteFrames(this.run.framesSinceReport);
    this.run?.dispose();
    this.run = undefined;
  }

  dispose(): void {
    this.task = undefined;
    this.stageUpdates.flush();
    this.endRun();
    this.supervisor.dispose();
    this.finishEmitter.dispose();
    this.giveUpEmitter.dispose();
    this.crashEmitter.dispose();
    this.reports.dispose();
  }
}
