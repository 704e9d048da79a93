import { randomUUID } from 'node:crypto';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { BusConfig } from '../../config/mixer-schema.js';
import { findNameProblem, recordingName } from '../../config/recording-name.js';
import { type ReplayConfig, ReplaySchema } from '../../config/replay-schema.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { FileToRecord } from '../../protocol/recorder.js';
import type {
  ReplayManagement,
  ReplayState,
  ReplayStatus,
  SavedReplay,
  SaveReplayParams,
  StartReplayParams,
} from '../../protocol/replay.js';
import { Log } from '../log/log.js';
import { namesOfBuses } from '../recording/recorded-audio.js';
import { defaultFolder } from '../recording/recordings.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { ReplayBuffer, type ReplayLimits } from './replay-buffer.js';
import { type RecorderView, ReplayWriter } from './replay-writer.js';

/** The recorder's stub that saves replays: another process than the one that records. */
export const ReplayRecorder = Symbol('ReplayRecorder');

const MEGABYTE = 1_000_000;
/** Replays that wait to be written: each holds its part of the stream. */
const MOST_WAITING = 3;

/** What a core that follows has to know of the replays of a show. */
export interface KeptReplay {
  /** Whether the buffer was turned on or off by command, and what it keeps, s. */
  readonly isOn?: boolean | undefined;
  readonly seconds?: number | undefined;
  /** The replay that was saved last, which scenes show. */
  readonly file?: string | undefined;
}

/** What replays are made of. */
export interface ReplayedBroadcast {
  /** Undefined where the configuration has no "replay". */
  readonly config: ReplayConfig | undefined;
  /** Folder of the recordings. */
  readonly folder: string | undefined;
  readonly profile: string;
  /** Headers and the GOP so far, to begin with. */
  readonly snapshot: () => readonly StreamTag[];
  /** Id of the scene on air. */
  readonly scene: () => string | undefined;
  /** The mixer's. */
  readonly buses?: () => readonly BusConfig[];
  /** Of the core before. */
  readonly kept: KeptReplay | null;
  readonly keep: (replay: KeptReplay | null) => Promise<void>;
}

/** Keeps the last seconds of the broadcast on air, and saves them on command. */
@injectable()
export class Replays implements ReplayManagement, Disposable {
  private readonly writer: ReplayWriter;
  private broadcast: ReplayedBroadcast | undefined;
  private buffer: ReplayBuffer | undefined;
  private kept: KeptReplay = {};
  private hasBegun = false;
  private saved = 0;
  private waiting = 0;
  private saving: Promise<unknown> = Promise.resolve();
  private error: BulkheadError | undefined;
  private readonly saveEmitter = new Emitter<SavedReplay>();
  /** A replay is complete. */
  readonly onDidSave: Event<SavedReplay> = this.saveEmitter.event;

  constructor(
    @inject(ReplayRecorder) recorder: RecorderView,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {
    this.writer = new ReplayWriter(recorder);
  }

  /** The broadcast goes on air. */
  begin(broadcast: ReplayedBroadcast): void {
    this.broadcast = broadcast;
    this.kept = broadcast.kept ?? {};
    this.buffer = undefined;
    this.hasBegun = false;
    this.saved = 0;
    this.error = undefined;
    if (this.isWanted) this.turnOn(broadcast);
  }

  /** The configuration says something else now. */
  configure(config: ReplayConfig | undefined, folder: string | undefined): void {
    const { broadcast } = this;
    if (broadcast === undefined) return;
    const now = { ...broadcast, config, folder };
    this.broadcast = now;
    if (!this.isWanted) this.turnOff();
    else if (this.buffer === undefined) this.turnOn(now);
    else this.buffer.limit(this.limits);
  }

  /** Takes each tag on air. Never throws. */
  push(tag: StreamTag): void {
    try {
      this.buffer?.push(tag);
    } catch (error) {
      this.turnOff();
      this.error = BulkheadError.from(error);
      this.tell('warning', this.error.sentence, this.error.code);
    }
  }

  /** Path of the replay that was saved last; undefined before the first. */
  get latest(): string | undefined {
    return this.kept.file;
  }

  /** The broadcast has ended. Resolves when what was being saved is complete. */
  async end(): Promise<void> {
    const { broadcast } = this;
    this.broadcast = undefined;
    await this.saving;
    this.turnOff();
    await this.writer.stop();
    if (broadcast !== undefined) await this.keep(broadcast, undefined);
  }

  status(): ReplayStatus | undefined {
    if (!this.hasBegun) return undefined;
    const { buffer, error, kept } = this;
    return {
      state: this.state,
      seconds: this.limits.seconds,
      heldMs: Math.round(buffer?.heldMs ?? 0),
      heldBytes: buffer?.bytes ?? 0,
      saved: this.saved,
      ...(kept.file === undefined ? {} : { file: kept.file }),
      pid: this.writer.pid,
      restarts: this.writer.restarts,
      ...(error === undefined ? {} : { error: error.toData() }),
    };
  }

  async replay(): Promise<ReplayStatus | null> {
    return this.status() ?? null;
  }

  async startReplay({ seconds }: StartReplayParams): Promise<ReplayStatus> {
    const broadcast = this.onAir();
    if (this.buffer !== undefined && (seconds === undefined || seconds === this.limits.seconds))
      throw notNow('the replay buffer is on already', '"bulkhead replay save" saves what is in it.');
    await this.keep(broadcast, { ...this.kept, isOn: true, seconds });
    if (this.buffer === undefined) this.turnOn(broadcast);
    else this.buffer.limit(this.limits);
    return this.status() ?? this.off();
  }

  async stopReplay(): Promise<ReplayStatus> {
    const broadcast = this.onAir();
    if (this.buffer === undefined) throw isOff();
    await this.saving;
    this.turnOff();
    await Promise.all([this.writer.stop(), this.keep(broadcast, { ...this.kept, isOn: false })]);
    return this.status() ?? this.off();
  }

  async saveReplay({ seconds, name }: SaveReplayParams): Promise<SavedReplay> {
    const broadcast = this.onAir();
    const { buffer } = this;
    if (buffer === undefined) throw isOff();
    const most = this.limits.seconds;
    if (seconds !== undefined && seconds > most)
      throw invalid('seconds', `the replay buffer keeps ${most} s`, 'Set "seconds" in "replay".');
    const template = name ?? this.config.name;
    const problem = findNameProblem(template);
    if (problem !== undefined) throw invalid('name', problem);
    const tags = buffer.last(seconds === undefined ? undefined : seconds * 1000);
    if (tags.length === 0) throw notNow('no keyframe has come yet', 'Save it in a moment.');
    if (this.waiting >= MOST_WAITING) throw notNow(`${MOST_WAITING} replays are being saved already`);
    const file = this.fileFor(broadcast, template);
    this.waiting += 1;
    const saved = this.saving.then(() => this.write(broadcast, file, tags));
    this.saving = saved.catch(() => {});
    try {
      return await saved;
    } finally {
      this.waiting -= 1;
    }
  }

  private async write(
    broadcast: ReplayedBroadcast,
    file: FileToRecord,
    tags: readonly StreamTag[],
  ): Promise<SavedReplay> {
    try {
      const { files } = await this.writer.save(file, tags);
      const path = files.at(-1)?.path ?? '';
      const sum = (of: (one: (typeof files)[number]) => number) =>
        files.reduce((all, one) => all + of(one), 0);
      const saved = {
        ...{ path, files: files.length, durationMs: Math.round(sum(({ recordedMs }) => recordedMs)) },
        bytes: sum(({ bytes }) => bytes),
      };
      this.saved += 1;
      this.error = undefined;
      void this.keep(broadcast, { ...this.kept, file: path });
      this.tell('info', `Saved: ${path}.`);
      this.saveEmitter.fire(saved);
      return saved;
    } catch (error) {
      this.error = BulkheadError.from(error, ErrorCodes.replayFailed);
      this.tell('warning', this.error.sentence, this.error.code);
      throw this.error;
    }
  }

  private fileFor({ folder, profile, scene, buses }: ReplayedBroadcast, template: string): FileToRecord {
    const { config } = this;
    const n = this.saved + this.waiting + 1;
    return {
      id: randomUUID(),
      folder: config.folder ?? folder ?? defaultFolder(),
      name: recordingName(template, { at: new Date(), n, scene: scene(), profile }),
      format: config.format,
      trackNames: namesOfBuses(buses?.() ?? []),
      keepFreeBytes: config.keepFreeMb * MEGABYTE,
      isQuick: true,
    };
  }

  private get config(): ReplayConfig {
    return this.broadcast?.config ?? ReplaySchema.parse({});
  }

  private get limits(): ReplayLimits {
    const { seconds, maxMb } = this.config;
    return { seconds: this.kept.seconds ?? seconds, bytes: maxMb * MEGABYTE };
  }

  /** What was commanded counts before the configuration. */
  private get isWanted(): boolean {
    return this.kept.isOn ?? this.broadcast?.config?.startWithBroadcast ?? false;
  }

  private get state(): ReplayState {
    if (this.buffer === undefined) return 'off';
    return this.waiting > 0 ? 'saving' : 'buffering';
  }

  private turnOn({ snapshot }: ReplayedBroadcast): void {
    const buffer = new ReplayBuffer(this.limits);
    for (const tag of snapshot()) buffer.push(tag);
    this.buffer = buffer;
    this.hasBegun = true;
    this.writer.start();
  }

  private turnOff(): void {
    this.buffer = undefined;
  }

  private onAir(): ReplayedBroadcast {
    if (this.broadcast !== undefined) return this.broadcast;
    throw notNow('no broadcast is on air', 'Start one with "bulkhead live".');
  }

  private off(): ReplayStatus {
    return {
      ...{ state: 'off', seconds: this.limits.seconds, heldMs: 0, heldBytes: 0 },
      ...{ saved: 0, pid: 0, restarts: 0 },
    };
  }

  /** @param replay undefined to forget it */
  private async keep(broadcast: ReplayedBroadcast, replay: KeptReplay | undefined): Promise<void> {
    const isKept = Object.keys(this.kept).length > 0;
    this.kept = replay ?? {};
    if (replay === undefined && !isKept) return;
    try {
      await broadcast.keep(replay ?? null);
    } catch (error) {
      const { sentence, code } = BulkheadError.from(error, ErrorCodes.storageFailed);
      this.tell('warning', sentence, code);
    }
  }

  private tell(severity: 'info' | 'warning', message: string, code?: string): void {
    this.notices.notice({ severity, source: 'replay', message });
    this.log[severity === 'warning' ? 'warn' : 'info'](
      `replay: ${message}`,
      code === undefined ? {} : { code },
    );
  }

  dispose(): void {
    this.broadcast = undefined;
    this.turnOff();
    this.writer.dispose();
    this.saveEmitter.dispose();
  }
}

function isOff(): BulkheadError {
  return notNow(
    'the replay buffer is off',
    'Turn it on with "bulkhead replay start", or write "replay" into the configuration.',
  );
}

function notNow(message: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.replayState, message, { where: 'replay', remedy });
}

function invalid(where: string, message: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, message, { where, remedy });
}
