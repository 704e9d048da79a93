import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { feedName, type RecordedFeed } from '../../config/recording-schema.js';
import type { StreamTag } from '../../media/stream-tag.js';
import type { FeedRecordingStatus, RecordingStatus } from '../../protocol/recording.js';
import type { Recording } from './recording.js';
import type { TakeTimes } from './take-times.js';

/** Something besides the programme, into files of its own. */
export interface FeedRecording {
  readonly feed: RecordedFeed;
  readonly recording: Recording;
}

/** A recording of the programme, and of what is recorded besides it: begun, paused, split and ended together, and lost each alone. */
export class RecordingTake implements Disposable {
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  /** @param recorders of what is recorded besides the programme */
  constructor(
    private readonly times: TakeTimes,
    readonly programme: Recording,
    private readonly also: readonly FeedRecording[],
    private readonly recorders: readonly Disposable[],
  ) {
    for (const recording of this.all) recording.onDidChange(() => this.changeEmitter.fire());
  }

  /** @param headers of a feed, to begin with */
  begin(snapshot: readonly StreamTag[], headers: (feed: RecordedFeed) => readonly StreamTag[]): void {
    for (const tag of snapshot) this.times.take(tag);
    this.programme.begin(snapshot);
    for (const { feed, recording } of this.also) recording.begin(headers(feed));
  }

  /** Takes each tag of the programme. Never throws. */
  push(tag: StreamTag): void {
    this.times.take(tag);
    this.programme.push(tag);
  }

  /** Takes each tag of what is recorded besides it. Never throws. */
  pushFeed(name: string, tag: StreamTag): void {
    for (const { feed, recording } of this.also) if (feedName(feed) === name) recording.push(tag);
  }

  /** What has to be delivered besides the programme. */
  get feeds(): readonly RecordedFeed[] {
    return this.also.flatMap(({ feed, recording }) => (recording.isOver ? [] : [feed]));
  }

  get isPaused(): boolean {
    return this.times.isPaused;
  }

  /** Of all that is recorded. */
  get writtenBytes(): number {
    return this.all.reduce((sum, recording) => sum + recording.status().writtenBytes, 0);
  }

  /** Whether nothing of it is recorded any more. */
  get isOver(): boolean {
    return this.all.every((recording) => recording.isOver);
  }

  get isStopping(): boolean {
    return this.all.some((recording) => recording.status().state === 'stopping');
  }

  split(): void {
    this.times.split();
  }

  setPaused(isPaused: boolean): void {
    if (isPaused) this.times.pause();
    else this.times.resume();
    for (const recording of this.all) recording.pauseChanged();
  }

  chapter(timestampMs: number, title: string): void {
    for (const recording of this.all) recording.chapter(timestampMs, title);
  }

  /** Resolves when the files are complete, or cannot be made so. Never rejects. */
  async end(): Promise<void> {
    await Promise.all(this.all.map((recording) => recording.end()));
  }

  status(): RecordingStatus {
    const also = this.also.map(
      ({ feed: { video: _, ...feed }, recording }): FeedRecordingStatus => ({
        ...feed,
        ...recording.status(),
      }),
    );
    return { ...this.programme.status(), ...(also.length === 0 ? {} : { also }) };
  }

  reports(): readonly ReturnType<Recording['report']>[] {
    return this.all.map((recording) => recording.report());
  }

  private get all(): readonly Recording[] {
    return [this.programme, ...this.also.map(({ recording }) => recording)];
  }

  dispose(): void {
    for (const recording of this.all) recording.dispose();
    for (const recorder of this.recorders) recorder.dispose();
    this.changeEmitter.dispose();
  }
}
