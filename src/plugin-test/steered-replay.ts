import type { FakeReplay } from '@bulkhead/extension-api/testing';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter } from '../base/event.js';
import { findNameProblem } from '../config/recording-name.js';
import type { ReplayView } from '../core/main-thread/main-thread-replay.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { ReplayStatus, SavedReplay, SaveReplayParams, StartReplayParams } from '../protocol/replay.js';
import type { BroadcastState } from '../protocol/status/status.js';

const FOLDER = '/recordings';
const SECONDS = 30;

/** Replays that write nothing: what is kept is the time that has passed, by the clock. */
export class SteeredReplay implements ReplayView, Disposable {
  private readonly saveEmitter = new Emitter<SavedReplay>();
  readonly onDidSave = this.saveEmitter.event;
  private seconds: number | undefined;
  /** Since when it is kept, by the clock. */
  private sinceMs = 0;
  private isOnAir = false;
  private hasBegun = false;
  private failure: string | undefined;
  private readonly saved: SavedReplay[] = [];

  /** The broadcast is in another state now. */
  follow(state: BroadcastState): void {
    this.isOnAir = state === 'live' || state === 'reconnecting';
    if (state !== 'starting') return;
    this.seconds = undefined;
    this.hasBegun = false;
    this.failure = undefined;
    this.saved.length = 0;
  }

  /** @param settle Resolves when the plugin has been notified. */
  steering(settle: () => Promise<void>): FakeReplay {
    const { saved } = this;
    const then = async <T>(done: Promise<T>): Promise<T> => {
      const result = await done;
      await settle();
      return result;
    };
    return {
      get saved() {
        return saved.map(({ path, durationMs, bytes }) => ({ path, durationMs, bytes }));
      },
      start: async (seconds) => void (await then(this.startReplay({ seconds }))),
      stop: async () => void (await then(this.stopReplay())),
      save: (options = {}) => then(this.saveReplay(options)),
      failNext: (message) => {
        this.failure = message;
      },
    };
  }

  status(): ReplayStatus | undefined {
    const { seconds = SECONDS } = this;
    if (!this.hasBegun) return undefined;
    const file = this.saved.at(-1)?.path;
    return {
      state: this.seconds === undefined ? 'off' : 'buffering',
      ...{ seconds, heldMs: this.heldMs, heldBytes: this.heldMs * 1000, saved: this.saved.length },
      ...{ pid: 0, restarts: 0, ...(file === undefined ? {} : { file }) },
    };
  }

  async replay(): Promise<ReplayStatus | null> {
    return this.status() ?? null;
  }

  async startReplay({ seconds = SECONDS }: StartReplayParams): Promise<ReplayStatus> {
    if (!this.isOnAir) throw notNow('no broadcast is on air');
    if (this.seconds === seconds) throw notNow('the replay buffer is on already');
    if (this.seconds === undefined) this.sinceMs = Date.now();
    this.seconds = seconds;
    this.hasBegun = true;
    return this.status() as ReplayStatus;
  }

  async stopReplay(): Promise<ReplayStatus> {
    const status = this.on();
    this.seconds = undefined;
    return { ...status, state: 'off', heldMs: 0, heldBytes: 0 };
  }

  async saveReplay({ seconds, name = 'replay-{n}' }: SaveReplayParams): Promise<SavedReplay> {
    const { heldMs, seconds: most } = this.on();
    if (seconds !== undefined && seconds > most)
      throw invalid('seconds', `the replay buffer keeps ${most} s`);
    const problem = findNameProblem(name);
    if (problem !== undefined) throw invalid('name', problem);
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw new BulkheadError(ErrorCodes.replayFailed, failure, { where: 'replay' });
    const durationMs = Math.min(heldMs, (seconds ?? most) * 1000);
    const path = `${FOLDER}/${name.replace('{n}', String(this.saved.length + 1))}.mkv`;
    const saved = { path, files: 1, durationMs, bytes: durationMs * 1000 };
    this.saved.push(saved);
    this.saveEmitter.fire(saved);
    return saved;
  }

  private get heldMs(): number {
    return this.seconds === undefined ? 0 : Math.min(this.seconds * 1000, Date.now() - this.sinceMs);
  }

  private on(): ReplayStatus {
    const status = this.status();
    if (status === undefined || this.seconds === undefined) throw notNow('the replay buffer is off');
    return status;
  }

  dispose(): void {
    this.saveEmitter.dispose();
  }
}

function notNow(message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.replayState, message, { where: 'replay' });
}

function invalid(where: string, message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, message, { where });
}
