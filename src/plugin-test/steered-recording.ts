import type { FakeRecording } from '@bulkhead/extension-api/testing';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter } from '../base/event.js';
import { findNameProblem } from '../config/recording-name.js';
import type { RecordingView } from '../core/main-thread/main-thread-recording.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { RecordingState, RecordingStatus, StartRecordingParams } from '../protocol/recording.js';
import type { BroadcastState } from '../protocol/status/status.js';

const FOLDER = '/recordings';

interface Current {
  state: RecordingState;
  readonly format: RecordingStatus['format'];
  readonly name: string;
  files: number;
  recordedMs: number;
  /** Since when it is recorded, by the clock; undefined while it is not. */
  sinceMs: number | undefined;
  error: string | undefined;
}

/** Recordings that write nothing: the test and the plugin say what is recorded, and time does. */
export class SteeredRecording implements RecordingView, Disposable {
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange = this.changeEmitter.event;
  private current: Current | undefined;
  private isOnAir = false;
  private readonly set: { atMs: number; title: string }[] = [];

  /** The broadcast is in another state now. */
  follow(state: BroadcastState): void {
    if (state === 'starting') this.current = undefined;
    this.isOnAir = state === 'live' || state === 'reconnecting';
    if (state === 'stopping' && this.isRunning) this.end('stopped');
  }

  /** @param settle Resolves when the plugin has been notified. */
  steering(settle: () => Promise<void>): FakeRecording {
    const { set } = this;
    const status = () => this.status();
    const then = async (done: Promise<unknown>) => {
      await done;
      await settle();
    };
    return {
      get state() {
        return status()?.state;
      },
      get chapters() {
        return set.map(({ atMs, title }) => ({ atMs, title }));
      },
      start: (options = {}) => then(this.startRecording(options)),
      stop: () => then(this.stopRecording()),
      fail: async (message) => {
        this.running().error = message;
        this.end('failed');
        await settle();
      },
    };
  }

  status(): RecordingStatus | undefined {
    const { current } = this;
    if (current === undefined) return undefined;
    const { state, format, files, name, error } = current;
    const recordedMs = this.recordedMs(current);
    return {
      ...{ state, format, files, recordedMs, writtenBytes: recordedMs * 1000, unwrittenMs: 0, lostMs: 0 },
      ...{ pid: 0, restarts: 0, file: `${FOLDER}/${name}${files === 1 ? '' : `-${files}`}` },
      ...(error === undefined ? {} : { error: { code: ErrorCodes.recordingFailed, message: error } }),
    };
  }

  async recording(): Promise<RecordingStatus | null> {
    return this.status() ?? null;
  }

  async startRecording({ format = 'mkv', name = 'show' }: StartRecordingParams): Promise<RecordingStatus> {
    if (!this.isOnAir) throw notNow('no broadcast is on air that could be recorded');
    if (this.isRunning) throw notNow('it is recorded already');
    const problem = findNameProblem(name);
    if (problem !== undefined) throw new BulkheadError(ErrorCodes.configInvalid, problem, { where: 'name' });
    this.set.length = 0;
    const since = { files: 1, recordedMs: 0, sinceMs: Date.now(), error: undefined };
    return this.changed({ state: 'recording', format, name, ...since });
  }

  async stopRecording(): Promise<RecordingStatus> {
    this.running();
    return this.end('stopped');
  }

  async pauseRecording(): Promise<RecordingStatus> {
    const current = this.running();
    if (current.state === 'paused') throw notNow('it is paused already');
    return this.changed({
      ...current,
      state: 'paused',
      recordedMs: this.recordedMs(current),
      sinceMs: undefined,
    });
  }

  async resumeRecording(): Promise<RecordingStatus> {
    const current = this.running();
    if (current.state !== 'paused') throw notNow('it is not paused');
    return this.changed({ ...current, state: 'recording', sinceMs: Date.now() });
  }

  async splitRecording(): Promise<RecordingStatus> {
    const current = this.running();
    if (current.state === 'paused') throw notNow('the recording is paused');
    return this.changed({ ...current, files: current.files + 1 });
  }

  async addChapter({ title }: { readonly title: string }): Promise<RecordingStatus> {
    const current = this.running();
    this.set.push({ atMs: this.recordedMs(current), title });
    return this.changed(current);
  }

  private get isRunning(): boolean {
    return this.current?.state === 'recording' || this.current?.state === 'paused';
  }

  private running(): Current {
    if (this.current === undefined || !this.isRunning) throw notNow('nothing is recorded');
    return this.current;
  }

  private recordedMs({ recordedMs, sinceMs }: Current): number {
    return recordedMs + (sinceMs === undefined ? 0 : Date.now() - sinceMs);
  }

  private end(state: 'stopped' | 'failed'): RecordingStatus {
    const current = this.running();
    return this.changed({ ...current, state, recordedMs: this.recordedMs(current), sinceMs: undefined });
  }

  private changed(current: Current): RecordingStatus {
    this.current = current;
    this.changeEmitter.fire();
    return this.status() as RecordingStatus;
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}

function notNow(message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.recordingState, message, { where: 'recording' });
}
