import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { checkValue } from '../../base/check-value.js';
import { Emitter, type Event } from '../../base/event.js';
import { describeExpectation } from '../../config/describe-issue.js';
import { type AudioConfig, type VideoConfig, VideoSchema } from '../../config/schema.js';
import type { CanvasStatus, EncoderStatus, InputStatus } from '../../protocol/control.js';
import {
  EncoderAdaptedNotification,
  type EncoderExited,
  EncoderExitedNotification,
  EncoderPrepareRequest,
  EncoderProblemNotification,
  type EncoderProcesses,
  type EncoderProgress,
  EncoderProgressNotification,
  EncoderReconfigureRequest,
  EncoderSourcesNotification,
  type EncoderStartParams,
  EncoderStartRequest,
  EncoderStopRequest,
  type SourcePosition,
  type SourceStatus,
} from '../../protocol/encoder.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../protocol/errors.js';
import { CheckedChannel } from '../../rpc/checked-channel.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { CoreOptions } from '../core-options.js';
import { Log } from '../log/log.js';
import { type MediaSocket, MediaSockets } from '../media-sockets/media-sockets.js';
import { PartLaunchers } from '../processes/part-launcher.js';
import { PartSupervisor, type ReadyPart } from '../processes/part-supervisor.js';
import { MediaWatchdog } from '../timeline/media-watchdog.js';
import type { EpochWriter } from '../timeline/timeline.js';
import { InputWatch } from './input-watch.js';
import {
  AdaptedSchema,
  EncoderStartedSchema,
  ExitedSchema,
  ProblemSchema,
  ProgressSchema,
  SourcesSchema,
} from './part-messages.js';
import { adaptedEncoder, paceInWords } from './slow-encoder.js';

/** Deadline for an encoder to spawn its ffmpeg, ms: a network input is probed first. */
const START_DEADLINE_MS = 20_000;
/** Deadline for an encoder to go on with other settings, ms: it waits for keyframes, which are 10 s apart at most. */
const RECONFIGURE_DEADLINE_MS = 45_000;
/** Deadline for ffmpeg to flush its last GOP and exit, ms. */
const STOP_DEADLINE_MS = 3000;
/** Deadline for the part's process to exit without a running ffmpeg, ms. */
const SHUTDOWN_DEADLINE_MS = 1000;
/** The end of ffmpeg is seen on two channels: how long the second may lag behind the first, ms. */
const EXIT_LAG_MS = 50;
/** The same where its exit says whether a file has ended or has to be played again, ms. */
const FILE_END_LAG_MS = 2000;

/** Failures that no restart can fix: reported to the user if the broadcast has not been on air yet. */
const SETTINGS_FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ErrorCodes.ffmpegNotFound,
  ErrorCodes.ffmpegFailedToStart,
  ErrorCodes.ffmpegUnsupported,
  ErrorCodes.inputNotFound,
  ErrorCodes.inputDenied,
  ErrorCodes.inputInvalid,
  ErrorCodes.encoderUnknown,
  ErrorCodes.configInvalid,
]);

/** This many consecutive runs that ended before a broadcast's first frame mean that ffmpeg cannot run. */
const MAX_FAILED_STARTS = 3;

/** Number of consecutive late frames after which an encoder counts as silent, but never less than the time below. */
const LATE_FRAMES = 4;
const SILENT_AFTER_MS = 1500;
/** Maximum time to a run's first frame, ms: the encoder itself gives up an input after 30 s, and says why. */
const FIRST_FRAME_MS = 45_000;

/** How long an encoder with these settings may deliver no frame, ms. */
function silenceOf({ settings }: EncoderTask): number {
  return Math.max(SILENT_AFTER_MS, (LATE_FRAMES * 1000) / settings.video.fps);
}

const NO_PROCESSES: EncoderProcesses = { videoPid: 0, audioPid: 0, heldVideoPid: 0, heldAudioPid: 0 };

/** One encoder run: an epoch of the broadcast. */
interface Run {
  readonly part: ReadyPart;
  readonly epoch: EpochWriter;
  readonly watchdog: MediaWatchdog;
  processes: EncoderProcesses;
  mediaEnded: boolean;
  exited: EncoderExited | undefined;
  progress: EncoderProgress | undefined;
  /** As last reported, and the number of frames that had been delivered then. */
  sources: readonly SourceStatus[];
  framesThen: number;
}

/** The encoder's task, independent of the run that does it. */
export type EncoderTask = Omit<EncoderStartParams, 'media'>;

/** What can be changed while the encoder runs. */
export interface EncoderChange {
  readonly video?: Partial<VideoConfig> | undefined;
  readonly audio?: Partial<AudioConfig> | undefined;
  readonly ffmpegPath?: string | undefined;
}

/** @throws BulkheadError `config.invalid` if the settings do not fit together */
function withChange(task: EncoderTask, { video, audio, ffmpegPath }: EncoderChange): EncoderTask {
  const { settings } = task;
  const checked = checkValue(VideoSchema, { ...settings.video, ...video }, { reportInput: true });
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      issue === undefined ? 'The settings do not fit together.' : describeExpectation(issue),
      { where: `video.${issue?.path.join('.') ?? ''}` },
    );
  }
  return {
    ...task,
    settings: { ...settings, video: checked.data, audio: { ...settings.audio, ...audio } },
    ...(ffmpegPath === undefined ? {} : { ffmpegPath }),
  };
}

function notNow(message: string, options: { readonly remedy?: string } = {}): BulkheadError {
  return new BulkheadError(ErrorCodes.broadcastState, message, { where: 'encoder', ...options });
}

/** The encoder's task until it is stopped. */
interface Task {
  /** Changes on air are in it, for the runs to come. */
  params: EncoderTask;
  readonly beginEpoch: () => EpochWriter;
  readonly input: InputWatch;
  /** Encoder runs so far. */
  epochs: number;
  hasDelivered: boolean;
  /** How far the source has been played, for the next run. */
  position: SourcePosition;
  /** Runs that ended on their own before anything was delivered. */
  failedStarts: number;
  /** The last failure reported; undefined once a run has delivered again. */
  reportedFailure: string | undefined;
}

/** Adds what has been delivered since the source's position was reported. */
function keepPosition(task: Task, { epoch, sources, framesThen }: Run): void {
  if (sources[0]?.state !== 'live') return;
  const sinceMs = ((epoch.frames - framesThen) * 1000) / task.params.settings.video.fps;
  task.position = { ...task.position, positionMs: Math.round(task.position.positionMs + sinceMs) };
}

/**
 * The encoding stub (patent: the main control process calls the stub, which calls the encoding process). Keeps one
 * encoder running for as long as the broadcast needs one: a run that ends unexpectedly is followed by the next.
 */
@injectable()
export class EncoderStub implements Disposable {
  private readonly supervisor: PartSupervisor;
  private task: Task | undefined;
  private run: Run | undefined;
  private isReconfiguring = false;
  /** By the connection of each encoder that has been asked to prepare or to start, until it closes. */
  private readonly media = new Map<RpcConnection, MediaSocket>();
  private readonly finishEmitter = new Emitter<void>();
  private readonly giveUpEmitter = new Emitter<BulkheadError>();
  private readonly crashEmitter = new Emitter<BulkheadError>();
  private readonly slowEmitter = new Emitter<BulkheadError>();
  private readonly catchUpEmitter = new Emitter<string>();
  private readonly problemEmitter = new Emitter<BulkheadError>();
  private readonly inputEmitter = new Emitter<number>();
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
  readonly onDidFallBehind: Event<BulkheadError> = this.slowEmitter.event;
  /** The encoder encodes more again after it had fallen behind: a sentence for the streamer. */
  readonly onDidCatchUp: Event<string> = this.catchUpEmitter.event;
  /** Something is wrong that does not end the run, such as a damaged file. */
  readonly onDidHaveProblem: Event<BulkheadError> = this.problemEmitter.event;
  /** The input delivers again, after this many ms without. */
  readonly onDidRecoverInput: Event<number> = this.inputEmitter.event;

  constructor(
    @inject(PartLaunchers) launchers: Pick<PartLaunchers, 'encoder'>,
    @inject(MediaSockets) private readonly sockets: MediaSockets,
    @inject(CoreOptions) { logLevel }: Pick<CoreOptions, 'logLevel'>,
    @inject(Log) private readonly log: Log,
  ) {
    this.supervisor = new PartSupervisor({
      launcher: launchers.encoder,
      logLevel,
      spare: true,
      configure: (connection) => this.configure(connection),
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
    this.task = {
      params,
      beginEpoch,
      input: new InputWatch(params.settings.input),
      epochs: 0,
      hasDelivered: false,
      position: { item: 0, positionMs: 0 },
      failedStarts: 0,
      reportedFailure: undefined,
    };
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

  /** Ends the current run in order, and every process of the encoder. */
  async stop(): Promise<void> {
    this.task = undefined;
    const run = this.run;
    if (run !== undefined && run.exited === undefined) {
      await run.part.connection
        .sendRequest(EncoderStopRequest.type, {}, { deadlineMs: STOP_DEADLINE_MS })
        .catch((error: unknown) => this.log.warn(`the encoder did not stop in order: ${String(error)}`));
    }
    await this.supervisor.stop(SHUTDOWN_DEADLINE_MS);
    this.endRun();
  }

  status(): EncoderStatus {
    const { supervisor, run } = this;
    return {
      pid: supervisor.pid,
      ...(run?.processes ?? NO_PROCESSES),
      preset: run?.progress?.preset ?? this.task?.params.settings.video.preset,
      skippedSlots: run?.progress?.skippedSlots ?? 0,
      repeatedFrames: run?.progress?.repeatedFrames ?? 0,
      epoch: this.task?.epochs ?? 0,
      restarts: supervisor.restarts,
      state: supervisor.state,
      isolated: supervisor.isolated,
      fps: run?.progress?.fps ?? 0,
      bitrateKbps: run?.progress?.bitrateKbps ?? 0,
      error: supervisor.error?.toData(),
    };
  }

  /** The one on air first; empty while nothing is being encoded. */
  sources(): readonly SourceStatus[] {
    return this.run?.sources ?? [];
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

  private configure(connection: RpcConnection): void {
    const channel = new CheckedChannel(connection, 'encoder');
    channel.receive(EncoderProgressNotification.type, ProgressSchema, (progress) => {
      const run = this.runOf(connection);
      if (run === undefined) return;
      run.progress = progress;
      run.processes = progress.processes;
    });
    channel.receive(EncoderAdaptedNotification.type, AdaptedSchema, (adapted) => {
      if (this.runOf(connection) === undefined || this.task === undefined) return;
      const { video } = this.task.params.settings;
      const now = paceInWords(adapted, video);
      if (adapted.what === 'up')
        this.catchUpEmitter.fire(`This computer keeps up: it encodes with ${now} again.`);
      else this.slowEmitter.fire(adaptedEncoder(adapted, video, now));
    });
    channel.receive(EncoderSourcesNotification.type, SourcesSchema, ({ sources }) => {
      const run = this.runOf(connection);
      if (run !== undefined && this.task !== undefined) this.takeSources(run, this.task, sources);
    });
    channel.receive(EncoderProblemNotification.type, ProblemSchema, (error) => {
      if (this.runOf(connection) !== undefined) this.problemEmitter.fire(BulkheadError.fromData(error));
    });
    channel.receive(EncoderExitedNotification.type, ExitedSchema, (exited) => {
      const run = this.runOf(connection);
      if (run === undefined) return;
      run.exited = exited;
      this.runEnding(run);
    });
  }

  private takeSources(run: Run, task: Task, sources: readonly SourceStatus[]): void {
    run.sources = sources;
    run.framesThen = run.epoch.frames;
    const [main] = sources;
    if (main === undefined) return;
    const { lost, recoveredAfterMs } = task.input.reported(main);
    if (lost !== undefined) this.problemEmitter.fire(lost);
    if (recoveredAfterMs !== undefined) this.inputEmitter.fire(recoveredAfterMs);
    task.position = { item: main.item, positionMs: main.positionMs };
  }

  private runOf(connection: RpcConnection): Run | undefined {
    return this.run?.part.connection === connection ? this.run : undefined;
  }

  /** Has the spare load its ffmpeg and wait, so that after a crash only the input has to be opened. */
  private prepare(spare: RpcConnection | undefined): void {
    const params = this.task?.params;
    if (params === undefined || spare === undefined) return;
    const socket = this.mediaOf(spare);
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
        if (this.runOf(spare) === undefined) this.retireMedia(spare);
      });
  }

  private mediaOf(connection: RpcConnection): MediaSocket {
    const known = this.media.get(connection);
    if (known !== undefined) return known;
    const socket = this.sockets.open();
    this.media.set(connection, socket);
    connection.onDidClose(() => this.retireMedia(connection));
    return socket;
  }

  private retireMedia(connection: RpcConnection): void {
    this.media.get(connection)?.retire();
    this.media.delete(connection);
  }

  private begin(part: ReadyPart): void {
    const task = this.task;
    if (task === undefined || this.run !== undefined) return;
    task.epochs += 1;
    const watchdog = new MediaWatchdog({ silentAfterMs: silenceOf(task.params), startupMs: FIRST_FRAME_MS });
    const run: Run = {
      part,
      epoch: task.beginEpoch(),
      watchdog,
      processes: NO_PROCESSES,
      mediaEnded: false,
      exited: undefined,
      progress: undefined,
      sources: [],
      framesThen: 0,
    };
    this.run = run;
    watchdog.onSilence((error) => this.supervisor.fail(error));
    const socket = this.mediaOf(part.connection);
    socket.read(
      (chunk) => this.take(run, task, chunk),
      () => {
        run.mediaEnded = true;
        run.epoch.end();
        // Its silence is no longer relevant: from now on the deadline of its exit applies.
        watchdog.dispose();
        if (this.run === run) this.runEnding(run);
      },
    );
    const encoder = new CheckedChannel(part.connection, 'encoder');
    const resume = task.hasDelivered ? { resume: task.position } : {};
    socket.address
      .then((media) =>
        encoder.ask(EncoderStartRequest.type, { ...task.params, media, ...resume }, EncoderStartedSchema, {
          deadlineMs: START_DEADLINE_MS,
        }),
      )
      .then(({ processes, ffmpegPath }) => {
        run.processes = processes;
        this.log.info(`epoch ${run.epoch.number}: ${ffmpegPath} runs`, { ...processes });
      })
      .catch((error: unknown) => {
        if (this.run === run) this.runFailed(BulkheadError.from(error, ErrorCodes.encoderCrashed));
      });
  }

  /** Also takes the rest of an ended run's media: the timeline uses it until the next run joins. */
  private take(run: Run, task: Task, chunk: Buffer): void {
    const before = run.epoch.frames;
    try {
      run.epoch.write(chunk, performance.now());
    } catch (error) {
      if (this.run === run) this.supervisor.fail(BulkheadError.from(error));
      return;
    }
    // Sound alone is not enough: a capture whose video hangs may still deliver sound.
    if (this.run === run && run.epoch.frames > before) run.watchdog.touch(run.epoch.joined);
    if (!run.epoch.joined) return;
    // A spare from before the start has not prepared anything yet; doing so earlier would have delayed the first frame.
    if (!task.hasDelivered) this.prepare(this.supervisor.warmSpare);
    task.hasDelivered = true;
    task.reportedFailure = undefined;
  }

  /**
   * ffmpeg has ended, according to one of two channels: its last bytes and its exit may arrive in either order. The
   * second one is awaited for a short time.
   */
  private runEnding(run: Run): void {
    if (run.mediaEnded && run.exited !== undefined) this.runEnded(run, run.exited);
    else {
      setTimeout(
        () => {
          if (this.run === run) this.runEnded(run, run.exited);
        },
        run.exited === undefined && this.playsOnce ? FILE_END_LAG_MS : EXIT_LAG_MS,
      );
    }
  }

  private get playsOnce(): boolean {
    const input = this.task?.params.settings.input;
    return input !== undefined && 'loop' in input && !input.loop;
  }

  private runEnded(run: Run, exited: EncoderExited | undefined): void {
    if (exited?.finished === true) {
      this.endRun();
      if (this.task !== undefined) this.finishEmitter.fire();
      return;
    }
    const reason =
      exited?.error === undefined
        ? new BulkheadError(ErrorCodes.encoderCrashed, 'ffmpeg has ended before its time.', {
            where: 'encoder',
          })
        : BulkheadError.fromData(exited.error);
    if (this.run === run) this.runFailed(reason);
  }

  private runFailed(reason: BulkheadError): void {
    // The encoder is being stopped, which ends its process as well.
    if (this.task === undefined) return;
    const finalError = this.findFinalError(this.task, reason);
    if (finalError === undefined) {
      this.supervisor.fail(reason);
      return;
    }
    // Its end is not a crash to recover from.
    this.task = undefined;
    this.supervisor.giveUp(finalError);
    this.giveUpEmitter.fire(finalError);
  }

  /** Why another run would fail too; undefined if it might not, as always once something has been delivered. */
  private findFinalError(task: Task, reason: BulkheadError): BulkheadError | undefined {
    if (task.hasDelivered) return undefined;
    if (SETTINGS_FAILURES.has(reason.code)) return reason;
    if (reason.code !== ErrorCodes.encoderCrashed) return undefined;
    task.failedStarts += 1;
    if (task.failedStarts < MAX_FAILED_STARTS) return undefined;
    return new BulkheadError(
      ErrorCodes.ffmpegFailedToStart,
      `ffmpeg ended ${MAX_FAILED_STARTS} times before its first frame. Last error: ${reason.message}`,
      { where: 'encoder', remedy: reason.remedy, cause: reason },
    );
  }

  private reportCrash(task: Task, reason: BulkheadError): void {
    if (task.reportedFailure === reason.message) {
      this.log.debug(`encoder: again: ${reason.message}`);
      return;
    }
    task.reportedFailure = reason.message;
    this.crashEmitter.fire(reason);
  }

  private endRun(): void {
    if (this.run !== undefined && this.task !== undefined) keepPosition(this.task, this.run);
    this.run?.watchdog.dispose();
    this.run = undefined;
  }

  dispose(): void {
    this.task = undefined;
    this.endRun();
    this.supervisor.dispose();
    this.finishEmitter.dispose();
    this.giveUpEmitter.dispose();
    this.crashEmitter.dispose();
    this.slowEmitter.dispose();
    this.catchUpEmitter.dispose();
    this.problemEmitter.dispose();
    this.inputEmitter.dispose();
  }
}
