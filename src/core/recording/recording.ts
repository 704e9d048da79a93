import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { withDeadline } from '../../base/with-deadline.js';
import type { RecordingFormat } from '../../config/recording-schema.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type {
  FileToRecord,
  RecordedFileReport,
  RecorderFailedParams,
  RecorderStartParams,
  RecorderWroteParams,
  RepairedFile,
} from '../../protocol/recorder.js';
import type { RecordingState, RecordingStatus } from '../../protocol/recording.js';
import type { RecordingReport } from '../../protocol/report.js';
import type { MediaSocket } from '../media-sockets/media-sockets.js';
import type { RecorderStub, RecorderTask } from '../stubs/recorder-stub.js';
import { DiskSpace, type TellStreamer } from './disk-space.js';
import { RecordedFiles } from './recorded-files.js';
import { RecordingFeed } from './recording-feed.js';
import { type RecordingOptions, RecordingPlan } from './recording-plan.js';

/** How long ending the files may take, ms: a recorder that hangs is replaced within 6 s, and `bulkhead live` waits for 15 s in all. */
const END_DEADLINE_MS = 9_000;
/** Recorders that may be lost in a row without anything written in between: what they are given ends them. */
const MOST_LOST = 5;

export type RecorderView = Pick<RecorderStub, 'start' | 'stop' | 'pid' | 'restarts'>;

/** One recording, from its start to its end: in several files, by several recorders if need be. */
export class Recording implements RecorderTask, Disposable {
  private readonly feed = new RecordingFeed();
  private readonly plan: RecordingPlan;
  private readonly files = new RecordedFiles();
  private readonly audioTracks: readonly string[];
  private readonly space: DiskSpace;
  private readonly emptyEmitter = new Emitter<void>();
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  /** Settings of files that may have to be gone on with. */
  private readonly opened = new Map<string, FileToRecord>();
  private ending: Promise<void> | undefined;
  private hasEnded = false;
  private error: BulkheadError | undefined;
  private lostInARow = 0;
  private restarts = 0;

  constructor(
    private readonly recorder: RecorderView,
    private readonly format: RecordingFormat,
    private readonly options: Omit<RecordingOptions, 'onLoss' | 'format'> & {
      /** Of all that is recorded at once: the disk is full for all. */
      readonly bytesOfAll?: () => number;
    },
    private readonly tell: TellStreamer,
  ) {
    this.audioTracks = Object.values(options.trackNames ?? {});
    const warn = options.feed === undefined ? tell : () => {};
    this.space = new DiskSpace(options.folder, options.config.keepFreeMb * 1e6, warn);
    this.plan = new RecordingPlan(
      { ...options, format, onLoss: (isLosing) => this.lossChanged(isLosing) },
      this.feed,
    );
  }

  begin(snapshot: readonly StreamTag[]): void {
    this.recorder.start(this);
    for (const tag of snapshot) this.plan.push(tag);
  }

  /** Never throws: the broadcast goes on whatever becomes of the recording. */
  push(tag: StreamTag): void {
    if (this.isOver) return;
    try {
      this.plan.push(tag);
    } catch (error) {
      this.fail(BulkheadError.from(error));
    }
  }

  get isOver(): boolean {
    return this.hasEnded || this.ending !== undefined;
  }

  pauseChanged(): void {
    if (this.isOver) return;
    this.feed.hurry();
    this.changeEmitter.fire();
  }

  chapter(timestampMs: number, title: string): void {
    if (!this.isOver) this.plan.chapter(timestampMs, title);
  }

  /** Resolves when the files are complete, or cannot be made so. Never rejects. */
  end(): Promise<void> {
    this.ending ??= this.finish();
    return this.ending;
  }

  status(): RecordingStatus {
    const { count, recordedMs, bytes, path } = this.files;
    const { freeBytes } = this.space;
    return {
      state: this.state,
      ...(path === undefined ? {} : { file: path }),
      format: this.format,
      ...(this.audioTracks.length === 0 ? {} : { audioTracks: this.audioTracks }),
      files: count,
      recordedMs: Math.round(recordedMs),
      writtenBytes: bytes,
      unwrittenMs: Math.round(this.feed.durationMs),
      lostMs: Math.round(this.plan.lostMs),
      ...(freeBytes === undefined ? {} : { freeBytes }),
      pid: this.hasEnded ? 0 : this.recorder.pid,
      restarts: this.restarts,
      ...(this.error === undefined ? {} : { error: this.error.toData() }),
    };
  }

  /** What has become of it so far. */
  report(): RecordingReport & Pick<RecordingStatus, 'restarts'> {
    const { state, recordedMs, writtenBytes, lostMs, restarts, error } = this.status();
    return {
      ...{ state, files: this.files.paths, recordedMs, writtenBytes, lostMs, restarts },
      ...(error === undefined ? {} : { error }),
    };
  }

  private get state(): RecordingState {
    if (this.hasEnded) return this.error === undefined ? 'stopped' : 'failed';
    if (this.ending !== undefined) return 'stopping';
    if (this.options.times.isPaused) return 'paused';
    return this.files.count === 0 ? 'starting' : 'recording';
  }

  resume(): RecorderStartParams['resume'] {
    const left = this.files.open;
    const file = left === undefined ? undefined : this.opened.get(left.id);
    return left === undefined || file === undefined ? undefined : { file, part: left.part, path: left.path };
  }

  onStart(socket: MediaSocket): void {
    this.feed.attach(socket);
  }

  onWrote({ through, files, freeBytes }: RecorderWroteParams): void {
    const before = this.files.path;
    this.take(files);
    if (this.feed.acknowledge(through)) this.lostInARow = 0;
    if (freeBytes !== undefined) this.noteSpace(freeBytes);
    if (this.files.path !== before && this.files.path !== undefined && !this.isOver)
      this.tell('info', `Recording to ${this.files.path}.`);
    if (this.feed.isEmpty) this.emptyEmitter.fire();
    this.changeEmitter.fire();
  }

  onFailed({ error, files }: RecorderFailedParams): void {
    this.take(files);
    this.fail(BulkheadError.fromData(error));
  }

  onRepaired(files: readonly RepairedFile[]): void {
    for (const { path, result, error } of files) {
      if (result === 'repaired')
        this.tell('info', `A recording that was cut off can be played now: ${path}.`);
      else if (result === 'unusable')
        this.tell('warning', `Nothing in ${path} can be played: it was cut off at its start.`);
      else if (error !== undefined) this.tell('warning', BulkheadError.fromData(error).sentence, error.code);
    }
  }

  onRefused(error: BulkheadError): boolean {
    if (this.hasEnded) return false;
    this.tell('warning', error.sentence, error.code);
    this.files.leave();
    this.plan.reopen();
    return true;
  }

  onLost(reason: BulkheadError): void {
    this.feed.detach();
    if (this.hasEnded) return;
    this.restarts += 1;
    this.lostInARow += 1;
    if (this.lostInARow >= MOST_LOST) {
      this.fail(
        new BulkheadError(
          ErrorCodes.recordingFailed,
          `the recorder ended ${MOST_LOST} times in a row, at last: ${reason.message}`,
          {
            where: 'recorder',
            remedy: 'The log has more. "bulkhead record repair" makes its files playable.',
          },
        ),
      );
    } else
      this.tell(
        'warning',
        `${reason.message} Another recorder goes on with the same file; no frame is lost.`,
      );
  }

  private noteSpace(freeBytes: number): void {
    const { recordedMs, bytes } = this.files;
    this.space.note(freeBytes, { recordedMs, bytes: this.options.bytesOfAll?.() ?? bytes });
  }

  private take(files: readonly RecordedFileReport[]): void {
    const { current } = this.plan;
    if (current !== undefined) this.opened.set(current.id, current);
    this.files.take(files);
    for (const id of this.opened.keys()) {
      if (id !== current?.id && id !== this.files.open?.id) this.opened.delete(id);
    }
  }

  private lossChanged(isLosing: boolean): void {
    if (isLosing) {
      this.error = new BulkheadError(
        ErrorCodes.recordingFailed,
        'the disk does not keep up: frames are left out of the recording until it does',
        { where: this.files.path, remedy: 'Check the disk, or record to another one.' },
      );
      this.tell('warning', this.error.sentence, this.error.code);
      return;
    }
    this.error = undefined;
    this.tell(
      'info',
      `The disk keeps up again; ${Math.ceil(this.plan.lostMs / 1000)} s are missing in the recording.`,
    );
  }

  /** Nothing more is recorded. */
  private fail(error: BulkheadError): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.error = error;
    this.feed.clear();
    this.tell('error', error.sentence, error.code);
    void this.recorder.stop();
    this.emptyEmitter.fire();
    this.changeEmitter.fire();
  }

  private async finish(): Promise<void> {
    this.plan.close();
    this.feed.hurry();
    this.changeEmitter.fire();
    if (!this.hasEnded && !this.feed.isEmpty) {
      const empty = new Promise<void>((resolve) => this.emptyEmitter.event(() => resolve()));
      await withDeadline(empty, END_DEADLINE_MS, () => this.fail(notEnded(this.files.path)));
    }
    if (!this.hasEnded) {
      this.hasEnded = true;
      this.error = undefined;
      this.feed.clear();
      const { path, count } = this.files;
      if (path !== undefined)
        this.tell(
          'info',
          count > 1
            ? `The recording has ended, in ${count} files; the last is ${path}.`
            : `The recording has ended: ${path}.`,
        );
    }
    await this.recorder.stop();
    this.changeEmitter.fire();
  }

  dispose(): void {
    this.hasEnded = true;
    this.feed.clear();
    this.emptyEmitter.dispose();
    this.changeEmitter.dispose();
  }
}

function notEnded(path: string | undefined): BulkheadError {
  return new BulkheadError(
    ErrorCodes.recordingFailed,
    `the recording could not be ended within ${END_DEADLINE_MS / 1000} s: the disk does not answer`,
    { where: path, remedy: '"bulkhead record repair" makes it playable when the disk is back.' },
  );
}
