import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { MixLevels } from '../../protocol/audio.js';
import {
  EncoderAdaptedNotification,
  EncoderExitedNotification,
  EncoderLevelsNotification,
  EncoderProblemNotification,
  EncoderProgressNotification,
  type EncoderSources,
  EncoderSourcesNotification,
} from '../../protocol/encoder.js';
import { BulkheadError } from '../../protocol/errors.js';
import { CheckedChannel } from '../../rpc/checked-channel.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import type { RunningTask } from './encoder-task.js';
import type { EncodingRun } from './encoding-run.js';
import {
  AdaptedSchema,
  ExitedSchema,
  MixLevelsSchema,
  ProblemSchema,
  ProgressSchema,
  SourcesSchema,
} from './part-messages.js';
import { adaptedEncoder, paceInWords } from './slow-encoder.js';

/** What an encoder's messages are about. */
export interface Reported {
  readonly run: EncodingRun;
  /** Undefined once it is being stopped. */
  readonly task: RunningTask | undefined;
}

/** What encoders report while they encode: checked, noted in the run and its task, and those that concern the streamer are events. */
export class ReceivedReports implements Disposable {
  private readonly slowEmitter = new Emitter<BulkheadError>();
  private readonly catchUpEmitter = new Emitter<string>();
  private readonly problemEmitter = new Emitter<BulkheadError>();
  private readonly inputEmitter = new Emitter<number>();
  private readonly levelsEmitter = new Emitter<MixLevels>();
  readonly onDidFallBehind: Event<BulkheadError> = this.slowEmitter.event;
  readonly onDidCatchUp: Event<string> = this.catchUpEmitter.event;
  readonly onDidHaveProblem: Event<BulkheadError> = this.problemEmitter.event;
  readonly onDidRecoverInput: Event<number> = this.inputEmitter.event;
  readonly onDidMeasure: Event<MixLevels> = this.levelsEmitter.event;
  private readonly sourcesEmitter = new Emitter<void>();
  readonly onDidReportSources: Event<void> = this.sourcesEmitter.event;

  /** @param current the run of the encoder at the other end; undefined while it has none: then its messages are ignored */
  receive(connection: RpcConnection, current: () => Reported | undefined): void {
    const channel = new CheckedChannel(connection, 'encoder');
    channel.receive(EncoderProgressNotification.type, ProgressSchema, (progress) =>
      current()?.run.noteProgress(progress),
    );
    channel.receive(EncoderAdaptedNotification.type, AdaptedSchema, (adapted) => {
      const video = current()?.task?.params.settings.video;
      if (video === undefined) return;
      const now = paceInWords(adapted, video);
      if (adapted.what === 'up')
        this.catchUpEmitter.fire(`This computer keeps up: it encodes with ${now} again.`);
      else this.slowEmitter.fire(adaptedEncoder(adapted, video, now));
    });
    channel.receive(EncoderSourcesNotification.type, SourcesSchema, (reported) => {
      const { run, task } = current() ?? {};
      if (run !== undefined && task !== undefined) this.noteSources(run, task, reported);
    });
    channel.receive(EncoderLevelsNotification.type, MixLevelsSchema, (levels) => {
      const { run } = current() ?? {};
      if (run === undefined) return;
      run.noteLevels(levels);
      this.levelsEmitter.fire(levels);
    });
    channel.receive(EncoderProblemNotification.type, ProblemSchema, (error) => {
      if (current() !== undefined) this.problemEmitter.fire(BulkheadError.fromData(error));
    });
    channel.receive(EncoderExitedNotification.type, ExitedSchema, (exited) =>
      current()?.run.noteExit(exited),
    );
  }

  private noteSources(run: EncodingRun, task: RunningTask, reported: EncoderSources): void {
    run.noteSources(reported);
    const [main] = reported.sources;
    if (main === undefined) return;
    const { lost, recoveredAfterMs } = task.input.reported(main);
    if (lost !== undefined) this.problemEmitter.fire(lost);
    if (recoveredAfterMs !== undefined) this.inputEmitter.fire(recoveredAfterMs);
    task.notePositions(reported.sources);
    this.sourcesEmitter.fire();
  }

  dispose(): void {
    this.slowEmitter.dispose();
    this.catchUpEmitter.dispose();
    this.problemEmitter.dispose();
    this.inputEmitter.dispose();
    this.levelsEmitter.dispose();
    this.sourcesEmitter.dispose();
  }
}
