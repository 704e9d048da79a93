import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { EncoderStatus, InputStatus } from '../../protocol/control.js';
import {
  type EncoderExited,
  EncoderExitedNotification,
  EncoderPrepareRequest,
  type EncoderProgress,
  EncoderProgressNotification,
  type EncoderStartParams,
  EncoderStartRequest,
  EncoderStopRequest,
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
import { PaceWatch } from './pace-watch.js';
import { EncoderStartedSchema, ExitedSchema, ProgressSchema } from './part-messages.js';

/** Time for an encoder to spawn its ffmpeg: a network input is looked at first. */
const START_DEADLINE_MS = 20_000;
/** Time for ffmpeg to flush its last GOP and to end, ms. */
const STOP_DEADLINE_MS = 3000;
/** Time for the part's process to end when it has no ffmpeg any more, ms. */
const SHUTDOWN_DEADLINE_MS = 1000;
/** ffmpeg's death is seen on two channels: how long the second may lag behind the first, ms. */
const DEATH_LAG_MS = 50;
/** The same where its exit says whether a file has come to its end or has to be played again, ms. */
const FILE_END_LAG_MS = 2000;

/** Failures that no restart mends: told to the user as long as the broadcast has not been on air. */
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

/** So many runs in a row that ended before a broadcast's first frame show an ffmpeg that will not come to run. */
const MAX_FAILED_STARTS = 3;

/** So many frames may be late in a row before an encoder counts as silent, but never less than the time beside it. */
const LATE_FRAMES = 4;
const SILENT_AFTER_MS = 1500;

/** How long an encoder with these settings may deliver no frame, ms. */
function silenceOf({ settings }: EncoderTask): number {
  return Math.max(SILENT_AFTER_MS, (LATE_FRAMES * 1000) / settings.video.fps);
}

/** One encoder run: an epoch of the broadcast. */
interface Run {
  readonly part: ReadyPart;
  readonly epoch: EpochWriter;
  readonly watchdog: MediaWatchdog;
  readonly pace: PaceWatch;
  ffmpegPid: number;
  mediaEnded: boolean;
  exited: EncoderExited | undefined;
  progress: EncoderProgress | undefined;
}

/** What is asked of the encoder, whichever run does it. */
export type EncoderTask = Omit<EncoderStartParams, 'media'>;

/** What the encoder is to do until it is told to stop. */
interface Task {
  readonly params: EncoderTask;
  readonly beginEpoch: () => EpochWriter;
  readonly input: InputWatch;
  /** Encoder runs so far. */
  epochs: number;
  hasDelivered: boolean;
  /** Runs that have ended by themselves before anything was delivered. */
  failedStarts: number;
  /** The last failure told; undefined once a run has delivered again. */
  toldFailure: string | undefined;
}

/**
 * The encoding stub (patent: the main control process calls the stub, which calls the encoding process). Keeps one
 * encoder running for as long as the broadcast wants one: a run that ends before its time is followed by the next.
 */
@injectable()
export class EncoderStub implements Disposable {
  private readonly supervisor: PartSupervisor;
  private task: Task | undefined;
  private run: Run | undefined;
  /** Of each encoder that has been asked to prepare or to start, until its channel closes. */
  private readonly media = new Map<RpcConnection, MediaSocket>();
  private readonly finishEmitter = new Emitter<void>();
  private readonly giveUpEmitter = new Emitter<BulkheadError>();
  private readonly crashEmitter = new Emitter<BulkheadError>();
  private readonly slowEmitter = new Emitter<BulkheadError>();
  private readonly inputEmitter = new Emitter<number>();
  /** The input came to its end. */
  readonly onDidFinish: Event<void> = this.finishEmitter.event;
  /** The settings cannot work; nothing has been delivered. */
  readonly onDidGiveUp: Event<BulkheadError> = this.giveUpEmitter.event;
  /**
   * A run ended before its time, and the next one is on its way. The same failure again and again, without a frame in
   * between, is told once: an input that is away is tried every few seconds.
   */
  readonly onDidCrash: Event<BulkheadError> = this.crashEmitter.event;
  /** The encoder runs, and does not reach the wanted frame rate. */
  readonly onDidFallBehind: Event<BulkheadError> = this.slowEmitter.event;
  /** The input delivers again, after so many ms without. */
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
      this.tellCrash(this.task, reason);
    });
    this.supervisor.onDidLog(({ level, message, pid }) => log[level](`encoder ${pid}: ${message}`));
  }

  /** Has a process ready, so that `start` need not wait for one. */
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
      failedStarts: 0,
      toldFailure: undefined,
    };
    this.supervisor.start();
    const ready = this.supervisor.active;
    if (ready !== undefined) this.begin(ready);
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
      ffmpegPid: run?.ffmpegPid ?? 0,
      epoch: this.task?.epochs ?? 0,
      restarts: supervisor.restarts,
      state: supervisor.state,
      isolated: supervisor.isolated,
      fps: run?.progress?.fps ?? 0,
      bitrateKbps: run?.progress?.bitrateKbps ?? 0,
      error: supervisor.error?.toData(),
    };
  }

  /** Undefined while nothing is to be encoded. */
  inputStatus(): InputStatus | undefined {
    return this.task?.input.status();
  }

  private configure(connection: RpcConnection): void {
    const channel = new CheckedChannel(connection, 'encoder');
    channel.receive(EncoderProgressNotification.type, ProgressSchema, (progress) => {
      const run = this.runOf(connection);
      if (run === undefined) return;
      run.progress = progress;
      const rate = run.pace.take(progress.frames, performance.now());
      if (rate !== undefined && this.task !== undefined) this.tellSlowness(this.task, rate);
    });
    channel.receive(EncoderExitedNotification.type, ExitedSchema, (exited) => {
      const run = this.runOf(connection);
      if (run === undefined) return;
      run.exited = exited;
      this.runDies(run);
    });
  }

  private runOf(connection: RpcConnection): Run | undefined {
    return this.run?.part.connection === connection ? this.run : undefined;
  }

  /** Has the spare's ffmpeg loaded and waiting, so that after a crash only its input has to be opened. */
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
        // Its token may be used up. A start gets another, unless it is under way already.
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
    const watchdog = new MediaWatchdog({ silentAfterMs: silenceOf(task.params) });
    const run: Run = {
      part,
      epoch: task.beginEpoch(),
      watchdog,
      pace: new PaceWatch(task.params.settings.video.fps),
      ffmpegPid: 0,
      mediaEnded: false,
      exited: undefined,
      progress: undefined,
    };
    this.run = run;
    watchdog.onSilence((error) => this.supervisor.fail(error));
    const socket = this.mediaOf(part.connection);
    socket.read(
      (chunk) => this.take(run, task, chunk),
      () => {
        run.mediaEnded = true;
        run.epoch.end();
        // Its silence means nothing any more: from here on the time for its exit counts.
        watchdog.dispose();
        if (this.run === run) this.runDies(run);
      },
    );
    const encoder = new CheckedChannel(part.connection, 'encoder');
    socket.address
      .then((media) =>
        encoder.ask(EncoderStartRequest.type, { ...task.params, media }, EncoderStartedSchema, {
          deadlineMs: START_DEADLINE_MS,
        }),
      )
      .then(({ ffmpegPid, ffmpegPath }) => {
        run.ffmpegPid = ffmpegPid;
        this.log.info(`epoch ${run.epoch.number}: ${ffmpegPath} runs`, { pid: ffmpegPid });
      })
      .catch((error: unknown) => {
        if (this.run === run) this.runFailed(BulkheadError.from(error, ErrorCodes.encoderCrashed));
      });
  }

  /** Also takes what a run that has ended left in its pipe: the timeline goes on with it until the next one joins. */
  private take(run: Run, task: Task, chunk: Buffer): void {
    const before = run.epoch.frames;
    try {
      run.epoch.write(chunk, performance.now());
    } catch (error) {
      if (this.run === run) this.supervisor.fail(BulkheadError.from(error));
      return;
    }
    // Sound alone is no sign of life: a capture that hangs leaves the sound running.
    if (this.run === run && run.epoch.frames > before) run.watchdog.touch(run.epoch.joined);
    if (!run.epoch.joined) return;
    // A spare from before the start has nothing prepared yet; until now it would have held up the first frame.
    if (!task.hasDelivered) this.prepare(this.supervisor.warmSpare);
    task.hasDelivered = true;
    const lostMs = task.input.delivered();
    if (lostMs !== undefined) this.inputEmitter.fire(lostMs);
    task.toldFailure = undefined;
  }

  /**
   * ffmpeg has ended, as one of two channels says: its last bytes and its exit may come in either order. Whichever is
   * late is not waited for long.
   */
  private runDies(run: Run): void {
    if (run.mediaEnded && run.exited !== undefined) this.runDied(run, run.exited);
    else {
      setTimeout(
        () => {
          if (this.run === run) this.runDied(run, run.exited);
        },
        run.exited === undefined && this.playsOnce ? FILE_END_LAG_MS : DEATH_LAG_MS,
      );
    }
  }

  private get playsOnce(): boolean {
    const input = this.task?.params.settings.input;
    return input?.type === 'file' && !input.loop;
  }

  private runDied(run: Run, exited: EncoderExited | undefined): void {
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
    // It is being stopped, which ends its process as well.
    if (this.task === undefined) return;
    const hopeless = this.hopeless(this.task, reason);
    if (hopeless === undefined) {
      this.supervisor.fail(reason);
      return;
    }
    // Its end is no crash that is going to be mended.
    this.task = undefined;
    this.supervisor.giveUp(hopeless);
    this.giveUpEmitter.fire(hopeless);
  }

  /** Why there is no use in another run; undefined as long as there is, as always once something has been delivered. */
  private hopeless(task: Task, reason: BulkheadError): BulkheadError | undefined {
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

  private tellCrash(task: Task, reason: BulkheadError): void {
    if (task.toldFailure === reason.message) {
      this.log.debug(`encoder: again: ${reason.message}`);
      return;
    }
    task.toldFailure = reason.message;
    this.crashEmitter.fire(reason);
  }

  private tellSlowness({ params }: Task, rate: number): void {
    const { fps, width, height } = params.settings.video;
    this.slowEmitter.fire(
      new BulkheadError(
        ErrorCodes.encoderSlow,
        `Encoding at ${rate.toFixed(1)} fps instead of ${fps}; viewers will see stutter.`,
        {
          where: 'encoder',
          remedy:
            `Close other programs, or set a smaller "video.width", "video.height" (${width}×${height} now) or "video.fps", ` +
            'or a faster "video.preset".',
        },
      ),
    );
  }

  private endRun(): void {
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
    this.inputEmitter.dispose();
  }
}
