import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { onUnexpectedError } from '../../base/unexpected-error.js';
import { GopCache } from '../../media/gop-cache.js';
import type { StreamTag } from '../../media/stream-tag.js';
import type { OutputStatus, TimelineStatus } from '../../protocol/control.js';
import { BulkheadError } from '../../protocol/errors.js';
import type { BroadcastSpliceParams } from '../../protocol/plugin-broadcast.js';
import type { Output } from '../publish/output.js';
import { TransitHistogram } from '../publish/queue/transit-times.js';
import { type EpochOptions, type EpochWriter, Timeline } from '../timeline/timeline.js';
import { OutputNews, type OutputNotice } from './output-news.js';

/** How often the outputs' transit times are collected, ms. */
const COLLECT_MS = 1000;

/** What exists only while on air: the timeline, the outputs that it feeds, and what is counted on the way. */
export class OnAir implements Disposable {
  private readonly beganMs = performance.now();
  private readonly timeline = new Timeline();
  private readonly gopCache = new GopCache();
  private readonly outputs: Output[] = [];
  private readonly news = new Map<Output, OutputNews>();
  private readonly transit = new TransitHistogram();
  private readonly changeEmitter = new Emitter<Output>();
  private readonly collectTimer = setInterval(() => this.collect(), COLLECT_MS);
  /** Fires when an output's state has changed. */
  readonly onDidChangeOutput: Event<Output> = this.changeEmitter.event;
  private splices = 0;
  private readonly spliceEmitter = new Emitter<BroadcastSpliceParams>();
  /** Fires when the stream goes on with another encoder. */
  readonly onDidSplice: Event<BroadcastSpliceParams> = this.spliceEmitter.event;

  constructor() {
    this.timeline.onDidJoin(({ gapMs }) => {
      const { splices, lastTimestampMs } = this.timeline.status();
      if (splices === this.splices) return;
      this.splices = splices;
      this.spliceEmitter.fire({ gapMs, timestampMs: lastTimestampMs });
    });
    this.timeline.onTag((tag) => {
      this.gopCache.push(tag);
      for (const output of this.outputs) {
        try {
          output.push(tag);
        } catch (error) {
          // The others get it all the same.
          onUnexpectedError(error);
        }
      }
    });
  }

  /** Where an output begins when it (re)connects: headers and the current GOP. */
  readonly startingPoint = (): StreamTag[] => this.gopCache.snapshot();

  /** Time since the broadcast began, ms. It does not follow a clock that is set. */
  get uptimeMs(): number {
    return performance.now() - this.beganMs;
  }

  beginEpoch(options?: EpochOptions): EpochWriter {
    return this.timeline.beginEpoch(options);
  }

  add(output: Output): void {
    this.outputs.push(output);
    this.news.set(output, new OutputNews());
    output.onDidChange(() => this.changeEmitter.fire(output));
    output.start();
  }

  /** Takes an output off that has lost its place. Its server is not there any more: nobody to say goodbye to. */
  remove(output: Output): void {
    const index = this.outputs.indexOf(output);
    if (index === -1) return;
    this.outputs.splice(index, 1);
    this.news.delete(output);
    output.dispose();
  }

  get isLive(): boolean {
    return this.outputs.some((output) => output.status().state === 'live');
  }

  /** Why the broadcast cannot go on: set once no output will be tried again. */
  get failure(): BulkheadError | undefined {
    const statuses = this.outputStatuses();
    const [first] = statuses;
    if (first?.error === undefined || statuses.some(({ state }) => state !== 'failed')) return undefined;
    return BulkheadError.fromData(first.error);
  }

  /** What the streamer should read of an output that has changed; undefined when it is nothing new. */
  newsOf(output: Output): OutputNotice | undefined {
    return this.news.get(output)?.of(output.status(), performance.now());
  }

  /** How far the stream has come, ms on its timeline. */
  get positionMs(): number {
    return this.timeline.status().lastTimestampMs;
  }

  outputStatuses(): OutputStatus[] {
    return this.outputs.map((output) => output.status());
  }

  timelineStatus(): TimelineStatus {
    this.collect();
    return { ...this.timeline.status(), transitP99Ms: this.transit.p99Ms };
  }

  /** Lets every output say goodbye to its server, for `deadlineMs` at most. */
  async sayGoodbye(deadlineMs: number): Promise<void> {
    await Promise.allSettled(this.outputs.map((output) => output.stop(deadlineMs)));
  }

  private collect(): void {
    for (const output of this.outputs) this.transit.record(output.takeTransitTimes());
  }

  dispose(): void {
    clearInterval(this.collectTimer);
    this.timeline.dispose();
    for (const output of this.outputs) output.dispose();
    this.changeEmitter.dispose();
    this.spliceEmitter.dispose();
  }
}
