import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  RecorderFailedNotification,
  type RecorderFailedParams,
  RecorderRepairedNotification,
  type RecorderStartParams,
  RecorderStartRequest,
  RecorderWroteNotification,
  type RecorderWroteParams,
  type RepairedFile,
} from '../../protocol/recorder.js';
import { CheckedChannel } from '../../rpc/checked-channel.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { CoreOptions } from '../core-options.js';
import { Log } from '../log/log.js';
import { type MediaSocket, MediaSockets } from '../media-sockets/media-sockets.js';
import { PartLaunchers } from '../processes/part-launcher.js';
import { PartSupervisor, type ReadyPart } from '../processes/part-supervisor.js';
import {
  RecorderFailedSchema,
  RecorderRepairedSchema,
  RecorderStartedSchema,
  RecorderWroteSchema,
} from './part-messages.js';

/** Looking through a long file that is gone on with takes its time, ms. */
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 1000;

/** What the core records with. */
export interface RecorderTask {
  /** What a process goes on with that has just been started. */
  resume(): RecorderStartParams['resume'];
  /** It takes tags and commands on this socket. */
  onStart(socket: MediaSocket): void;
  onWrote(report: RecorderWroteParams): void;
  onFailed(report: RecorderFailedParams): void;
  onRepaired(files: readonly RepairedFile[]): void;
  /** The file could not be gone on with. Returns whether another process should try with what `resume` says now. */
  onRefused(error: BulkheadError): boolean;
  /** The process has ended; another one is started. */
  onLost(reason: BulkheadError): void;
}

/** The recorder as the core sees it: a process that takes tags, and is replaced when it crashes or hangs. */
@injectable()
export class RecorderStub implements Disposable {
  private readonly supervisor: PartSupervisor;
  private task: RecorderTask | undefined;
  private socket: MediaSocket | undefined;
  private isReplacing = false;

  constructor(
    @inject(PartLaunchers) launchers: Pick<PartLaunchers, 'recorder'>,
    @inject(CoreOptions) { logLevel }: Pick<CoreOptions, 'logLevel'>,
    @inject(MediaSockets) private readonly media: MediaSockets,
    @inject(Log) log: Log,
  ) {
    this.supervisor = new PartSupervisor({
      launcher: launchers.recorder,
      logLevel,
      // Another one is started in 0.1 s, and until then nothing is lost.
      spare: false,
      configure: (connection) => this.listen(connection),
    });
    this.supervisor.onDidLog(({ level, message, pid }) => log[level](`recorder: ${message}`, { pid }));
    this.supervisor.onDidBecomeReady((part) => void this.begin(part));
    this.supervisor.onDidEnd(({ reason }) => {
      this.retire();
      if (reason === undefined) return;
      log.warn(`recorder: ${reason.message}`);
      if (!this.isReplacing) this.task?.onLost(reason);
      this.isReplacing = false;
    });
  }

  /** 0 while no process runs. */
  get pid(): number {
    return this.supervisor.pid;
  }

  get restarts(): number {
    return this.supervisor.restarts;
  }

  start(task: RecorderTask): void {
    this.task = task;
    this.supervisor.start();
  }

  /** Resolves when the process has ended, or was killed after a second: what has to be ended in order is ended before. */
  async stop(): Promise<void> {
    this.task = undefined;
    this.retire();
    await this.supervisor.stop(STOP_DEADLINE_MS);
  }

  private listen(connection: RpcConnection): void {
    const channel = new CheckedChannel(connection, 'recorder');
    const isActive = () => this.supervisor.active?.connection === connection;
    channel.receive(
      RecorderWroteNotification.type,
      RecorderWroteSchema,
      (report) => this.task?.onWrote(report),
      isActive,
    );
    channel.receive(
      RecorderFailedNotification.type,
      RecorderFailedSchema,
      (report) => this.task?.onFailed(report),
      isActive,
    );
    channel.receive(
      RecorderRepairedNotification.type,
      RecorderRepairedSchema,
      ({ files }) => this.task?.onRepaired(files),
      isActive,
    );
  }

  private async begin(part: ReadyPart): Promise<void> {
    const { task } = this;
    if (task === undefined) return;
    const socket = this.media.open();
    this.socket = socket;
    const resume = task.resume();
    try {
      const params = { media: await socket.address, ...(resume === undefined ? {} : { resume }) };
      const channel = new CheckedChannel(part.connection, 'recorder');
      await channel.ask(RecorderStartRequest.type, params, RecorderStartedSchema, {
        deadlineMs: START_DEADLINE_MS,
      });
      if (this.socket !== socket || this.task !== task) return;
      // It sends nothing; its end is seen by the supervisor.
      socket.read(
        () => {},
        () => {},
      );
      task.onStart(socket);
    } catch (error) {
      if (this.supervisor.active !== part || this.task !== task) return;
      const failure = BulkheadError.from(error, ErrorCodes.processFailed);
      if (failure.code === ErrorCodes.recordingFailed && !task.onRefused(failure)) return;
      this.isReplacing = failure.code === ErrorCodes.recordingFailed;
      this.supervisor.fail(failure);
    }
  }

  private retire(): void {
    this.socket?.retire();
    this.socket = undefined;
  }

  dispose(): void {
    this.task = undefined;
    this.retire();
    this.supervisor.dispose();
  }
}
