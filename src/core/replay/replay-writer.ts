import type { Disposable } from 'vscode-jsonrpc';
import { withDeadline } from '../../base/with-deadline.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { commandParts, tagParts } from '../../media/tag-stream.js';
import { BulkheadError, ErrorCodes, type ErrorData } from '../../protocol/errors.js';
import type {
  FileToRecord,
  RecordedFileReport,
  RecorderFailedParams,
  RecorderWroteParams,
} from '../../protocol/recorder.js';
import type { MediaSocket } from '../media-sockets/media-sockets.js';
import type { RecorderStub, RecorderTask } from '../stubs/recorder-stub.js';

/** For a recorder that hangs, another one is started within 6 s, which gets all of it again. */
const SAVE_DEADLINE_MS = 12_000;
/** Recorders that one replay is given to. */
const MOST_ATTEMPTS = 3;

export type RecorderView = Pick<RecorderStub, 'start' | 'stop' | 'pid'>;

export interface WrittenReplay {
  /** In their order; more than one where the stream has changed its format. */
  readonly files: readonly RecordedFileReport[];
}

/** One replay on its way to the disk. */
interface Job {
  readonly file: FileToRecord;
  readonly tags: readonly StreamTag[];
  readonly files: Map<string, RecordedFileReport>;
  readonly resolve: (written: WrittenReplay) => void;
  readonly reject: (error: BulkheadError) => void;
  /** The number of its last command; 0 until it is sent. */
  through: number;
  attempts: number;
}

/**
 * Has replays written by a recorder process of its own, which is kept ready: so neither the core nor a recording waits for the disk of
 * replays. One that is killed meanwhile is replaced, and the next one writes the same file anew.
 */
export class ReplayWriter implements RecorderTask, Disposable {
  private socket: MediaSocket | undefined;
  private job: Job | undefined;
  private number = 0;
  private isRunning = false;
  private replaced = 0;

  constructor(private readonly recorder: RecorderView) {}

  /** 0 while no process runs. */
  get pid(): number {
    return this.recorder.pid;
  }

  /** Recorders that were lost, or ended since they could not write or did not answer. */
  get restarts(): number {
    return this.replaced;
  }

  start(): void {
    this.isRunning = true;
    this.recorder.start(this);
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    this.socket = undefined;
    this.fail(failed('the broadcast has ended'));
    await this.recorder.stop();
  }

  /**
   * Resolves when the file is complete. One at a time.
   *
   * @throws BulkheadError `replay.failed`
   */
  save(file: FileToRecord, tags: readonly StreamTag[]): Promise<WrittenReplay> {
    const written = new Promise<WrittenReplay>((resolve, reject) => {
      this.job = { file, tags, files: new Map(), resolve, reject, through: 0, attempts: 0 };
    });
    this.send();
    return withDeadline(written, SAVE_DEADLINE_MS, () => {
      this.job = undefined;
      const reason =
        this.socket === undefined
          ? 'its recorder does not run'
          : `its recorder, or its disk, does not answer within ${SAVE_DEADLINE_MS / 1000} s`;
      this.restart();
      throw failed(reason, file.folder);
    });
  }

  resume(): undefined {
    return undefined;
  }

  onStart(socket: MediaSocket): void {
    this.socket = socket;
    this.send();
  }

  onWrote({ through, files }: RecorderWroteParams): void {
    const { job } = this;
    if (job === undefined || job.through === 0) return;
    for (const file of files) job.files.set(`${file.id} ${file.part}`, file);
    if (through !== job.through) return;
    this.job = undefined;
    const own = [...job.files.values()].filter(({ id, bytes }) => id === job.file.id && bytes > 0);
    if (own.length > 0) job.resolve({ files: own });
    else job.reject(failed('nothing of it can be written', job.file.folder));
  }

  onFailed({ error }: RecorderFailedParams): void {
    this.fail(ofRecorder(error, this.job?.file.folder));
    // It takes nothing more.
    this.restart();
  }

  onRepaired(): void {
    // A replay that was cut off is a file like any other, and has been saved again since.
  }

  onRefused(): boolean {
    return false;
  }

  onLost(reason: BulkheadError): void {
    this.socket = undefined;
    this.replaced += 1;
    const { job } = this;
    if (job === undefined || job.through === 0) return;
    job.through = 0;
    job.files.clear();
    if (job.attempts >= MOST_ATTEMPTS) this.fail(failed(`its recorder ended: ${reason.message}`));
  }

  private send(): void {
    const { job, socket } = this;
    if (job === undefined || socket === undefined) return;
    this.number += 1;
    job.through = this.number;
    job.attempts += 1;
    void socket.send([
      ...commandParts({ kind: 'open', file: job.file }),
      ...job.tags.flatMap(tagParts),
      ...commandParts({ kind: 'close' }),
      ...commandParts({ kind: 'sync', through: job.through }),
    ]);
  }

  private fail(error: BulkheadError): void {
    const { job } = this;
    this.job = undefined;
    job?.reject(error);
  }

  private restart(): void {
    this.socket = undefined;
    this.replaced += 1;
    void this.recorder.stop().then(() => {
      if (this.isRunning) this.recorder.start(this);
    });
  }

  dispose(): void {
    this.isRunning = false;
    this.fail(failed('the core ends'));
  }
}

function ofRecorder({ code, message }: ErrorData, folder: string | undefined): BulkheadError {
  const isFull = code === ErrorCodes.recordingDiskFull;
  return failed(isFull ? 'its disk is full' : message, folder);
}

function failed(reason: string, where?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.replayFailed, `the replay could not be saved: ${reason}`, {
    where,
    remedy:
      'It is still in the buffer: see what is wrong with "replay.folder" and its disk, and save it again.',
  });
}
