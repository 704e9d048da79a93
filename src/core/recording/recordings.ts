import { homedir } from 'node:os';
import { join } from 'node:path';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { BusConfig } from '../../config/mixer-schema.js';
import { findNameProblem } from '../../config/recording-name.js';
import { feedName, type RecordedFeed, type RecordingConfig } from '../../config/recording-schema.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type {
  ChapterParams,
  RecordingManagement,
  RecordingStatus,
  StartRecordingParams,
} from '../../protocol/recording.js';
import { Log } from '../log/log.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { RecorderStub } from '../stubs/recorder-stub.js';
import { type RecordedAudio, recordedAudio } from './recorded-audio.js';
import { type RecorderView, Recording } from './recording.js';
import { RecordingTake } from './recording-take.js';
import { TakeTimes } from './take-times.js';

export const RecorderFactory = Symbol('RecorderFactory');

/** Makes a recorder of its own for what is recorded besides the programme: a disk or a file that is slow or broken holds up no other. */
export type RecorderFactory = () => RecorderView & Disposable;

/** What can be recorded besides the programme. */
export interface RecordedFeeds {
  /** @throws BulkheadError if there is no such feed */
  check(feed: RecordedFeed): void;
  /** Has these delivered from now on, and no others: `take` gets their tags, with the name of the feed. Never throws. */
  want(feeds: readonly RecordedFeed[], take: (name: string, tag: StreamTag) => void): void;
  /** Headers, to begin with, and the GOP so far where there is one. */
  snapshot(feed: RecordedFeed): readonly StreamTag[];
}

/** What is recorded. */
export interface RecordedBroadcast {
  readonly config: RecordingConfig;
  readonly profile: string;
  /** Headers and the GOP so far, to begin with. */
  readonly snapshot: () => readonly StreamTag[];
  /** Id of the scene on air. */
  readonly scene: () => string | undefined;
  readonly feeds: RecordedFeeds;
  /** The mixer's. */
  readonly buses?: () => readonly BusConfig[];
  /** Of the stream, ms on its timeline. */
  readonly positionMs: () => number;
  /** A recording that the core before has not ended. */
  readonly kept: StartRecordingParams | null;
  /** So that it is gone on with, in another file, if the core is lost. */
  readonly keep: (recording: StartRecordingParams | null) => Promise<void>;
}

/** Recordings of a broadcast that are reported on. */
const MOST_REPORTED = 100;

/** Records the broadcast on air, and what is wanted besides it: at most one recording at a time. */
@injectable()
export class Recordings implements RecordingManagement, Disposable {
  private broadcast: RecordedBroadcast | undefined;
  private current: RecordingTake | undefined;
  /** Of the programme's. */
  private audio: RecordedAudio = recordedAudio([], undefined);
  private readonly changeEmitter = new Emitter<void>();
  /** Anything of the recording has changed. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  /** What became of the recordings of this broadcast before the current one. */
  private earlier: ReturnType<Recording['report']>[] = [];
  private kept: StartRecordingParams | null = null;

  constructor(
    @inject(RecorderStub) private readonly recorder: RecorderView,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'warn' | 'error'>,
    @inject(RecorderFactory) private readonly createRecorder: RecorderFactory,
  ) {}

  /** The broadcast goes on air. */
  begin(broadcast: RecordedBroadcast): void {
    this.current?.dispose();
    this.current = undefined;
    this.earlier = [];
    this.broadcast = broadcast;
    const { config, kept } = broadcast;
    this.kept = kept;
    if (kept === null && !config.startWithBroadcast) return;
    const { also = config.also, ...params } = kept ?? {};
    // A bus may be gone that the core before recorded.
    const buses = broadcast.buses?.().map(({ id }) => id) ?? [];
    const audioTracks = kept?.audioTracks?.filter((id) => buses.includes(id));
    const feeds = also.filter((feed) => this.canRecord(broadcast, feed));
    this.start(broadcast, { ...params, audioTracks, also: feeds });
  }

  /** The configuration says something else now: it counts for the next recording. */
  configure(config: RecordingConfig): void {
    if (this.broadcast !== undefined) this.broadcast = { ...this.broadcast, config };
  }

  /** Takes each tag on air. Never throws. */
  push(tag: StreamTag): void {
    if (this.audio.takes(tag)) this.current?.push(tag);
  }

  /** Sets a chapter where the streamer or a plugin has set a marker. */
  mark(timestampMs: number, label: string): void {
    this.current?.chapter(timestampMs, label);
  }

  /** The broadcast has ended. Resolves when the files are complete. */
  async end(): Promise<void> {
    const { broadcast } = this;
    this.broadcast = undefined;
    await Promise.all([this.current?.end(), this.keep(broadcast, null)]);
    broadcast?.feeds.want([], () => {});
  }

  status(): RecordingStatus | undefined {
    return this.current?.status();
  }

  /** The recordings of this broadcast, or of the last one; the earliest first. */
  reports(): readonly ReturnType<Recording['report']>[] {
    return [...this.earlier, ...(this.current?.reports() ?? [])];
  }

  async recording(): Promise<RecordingStatus | null> {
    return this.status() ?? null;
  }

  async startRecording(params: StartRecordingParams): Promise<RecordingStatus> {
    const { broadcast, current } = this;
    if (broadcast === undefined) {
      throw new BulkheadError(ErrorCodes.recordingState, 'no broadcast is on air that could be recorded', {
        remedy: 'Start one with "bulkhead live", or set "startWithBroadcast" in "recording".',
      });
    }
    if (current?.programme.isOver === false)
      throw notNow('it is recorded already', '"bulkhead record stop" ends that recording.');
    await current?.end();
    const now = this.broadcast;
    if (now === undefined || this.current !== current)
      throw notNow('the broadcast has ended, or was recorded, meanwhile');
    for (const feed of params.also ?? now.config.also) now.feeds.check(feed);
    const take = this.start(now, params);
    await this.keep(now, params);
    return take.status();
  }

  async stopRecording(): Promise<RecordingStatus> {
    const recording = this.current;
    if (recording === undefined || (recording.isOver && !recording.isStopping)) throw notRecording();
    await Promise.all([recording.end(), this.keep(this.broadcast, null)]);
    return recording.status();
  }

  async pauseRecording(): Promise<RecordingStatus> {
    return this.paused(true);
  }

  async resumeRecording(): Promise<RecordingStatus> {
    return this.paused(false);
  }

  async splitRecording(): Promise<RecordingStatus> {
    const recording = this.running();
    if (recording.isPaused)
      throw notNow('the recording is paused', '"bulkhead record resume" goes on with it.');
    recording.split();
    return recording.status();
  }

  async addChapter({ title }: ChapterParams): Promise<RecordingStatus> {
    const recording = this.running();
    recording.chapter(this.broadcast?.positionMs() ?? 0, title);
    return recording.status();
  }

  private start(
    { config, profile, scene, snapshot, feeds, buses = () => [] }: RecordedBroadcast,
    params: StartRecordingParams,
  ): RecordingTake {
    const { format = config.format, name = config.name, also = config.also } = params;
    const { audioTracks = config.audioTracks } = params;
    const problem = findNameProblem(name);
    if (problem !== undefined) throw new BulkheadError(ErrorCodes.configInvalid, problem, { where: 'name' });
    const audio = recordedAudio(buses(), audioTracks);
    const times = new TakeTimes(config);
    const options = { config, folder: config.folder ?? defaultFolder(), name, profile, scene, times };
    const recordingOf = (recorder: RecorderView, feed?: string): Recording => {
      const bytesOfAll = () => take.writtenBytes;
      const trackNames = feed === undefined ? audio.names : undefined;
      return new Recording(
        recorder,
        format,
        { ...options, feed, bytesOfAll, trackNames },
        (severity, message, code) =>
          this.tell(severity, feed === undefined ? message : `${feed}: ${message}`, code),
      );
    };
    const others = also.map((feed) => ({ feed, recorder: this.createRecorder() }));
    const take: RecordingTake = new RecordingTake(
      times,
      recordingOf(this.recorder),
      others.map(({ feed, recorder }) => ({ feed, recording: recordingOf(recorder, feedName(feed)) })),
      others.map(({ recorder }) => recorder),
    );
    this.earlier = [...this.reports()].slice(-MOST_REPORTED);
    this.current?.dispose();
    this.current = take;
    this.audio = audio;
    take.onDidChange(() => {
      if (this.current === take) this.wantFeeds(feeds, take);
      this.changeEmitter.fire();
    });
    this.wantFeeds(feeds, take);
    take.begin(snapshot().filter(audio.takes), (feed) => feeds.snapshot(feed));
    this.changeEmitter.fire();
    return take;
  }

  private wantFeeds(feeds: RecordedFeeds, take: RecordingTake): void {
    feeds.want(take.feeds, (name, tag) => take.pushFeed(name, tag));
  }

  /** What was changed on air since it was configured may have taken it away. */
  private canRecord({ feeds }: RecordedBroadcast, feed: RecordedFeed): boolean {
    try {
      feeds.check(feed);
      return true;
    } catch (error) {
      const { sentence, code } = BulkheadError.from(error, ErrorCodes.configInvalid);
      this.tell('warning', `${feedName(feed)} is not recorded: ${sentence}`, code);
      return false;
    }
  }

  /** One that cannot be kept is recorded all the same. */
  private async keep(
    broadcast: RecordedBroadcast | undefined,
    recording: StartRecordingParams | null,
  ): Promise<void> {
    if (broadcast === undefined || (recording === null && this.kept === null)) return;
    this.kept = recording;
    try {
      await broadcast.keep(recording);
    } catch (error) {
      const { sentence, code } = BulkheadError.from(error, ErrorCodes.storageFailed);
      this.tell('warning', sentence, code);
    }
  }

  private paused(isPaused: boolean): RecordingStatus {
    const recording = this.running();
    if (recording.isPaused === isPaused) throw notNow(isPaused ? 'it is paused already' : 'it is not paused');
    recording.setPaused(isPaused);
    this.log.info(`recording: ${isPaused ? 'paused' : 'goes on with the next keyframe'}`);
    return recording.status();
  }

  private running(): RecordingTake {
    if (this.current === undefined || this.current.isOver) throw notRecording();
    return this.current;
  }

  private tell(severity: 'info' | 'warning' | 'error', message: string, code?: string): void {
    this.notices.notice({ severity, source: 'recording', message });
    const level = severity === 'warning' ? 'warn' : severity;
    this.log[level](`recording: ${message}`, code === undefined ? {} : { code });
  }

  dispose(): void {
    this.broadcast = undefined;
    this.current?.dispose();
    this.changeEmitter.dispose();
  }
}

/** Where recordings are, unless the configuration says otherwise. */
export function defaultFolder(): string {
  return join(homedir(), process.platform === 'darwin' ? 'Movies' : 'Videos', 'Bulkhead');
}

function notRecording(): BulkheadError {
  return notNow('nothing is recorded', '"bulkhead record start" begins a recording.');
}

function notNow(message: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.recordingState, message, { where: 'recording', remedy });
}
