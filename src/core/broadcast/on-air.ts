import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { GopCache } from '../../media/gop-cache.js';
import type { StreamTag } from '../../media/stream-tag.js';
import type { BroadcastSpliceParams } from '../../protocol/plugin-broadcast.js';
import type { TimelineStatus } from '../../protocol/status/status.js';
import type { FlightRecorder } from '../flight/flight-recorder.js';
import { KeyframeInterval } from '../publish/queue/frame-counts.js';
import { TransitHistogram } from '../publish/queue/transit-times.js';
import { type EpochOptions, type EpochWriter, Timeline } from '../timeline/timeline.js';
import type { OutputSlots } from './outputs/output-slots.js';
import { Renditions } from './outputs/renditions.js';

/** How often the outputs' transit times are collected, ms. */
const COLLECT_MS = 1000;

/** Receives the encoder's packets, and how outputs are. */
export type FlightTap = Pick<FlightRecorder, 'packet' | 'note'>;

/** The objects that exist only while on air: the timeline, its outputs, and their statistics. */
export class OnAir implements Disposable {
  private readonly beganMs = performance.now();
  /** ms since 1970. */
  readonly startedAtMs = Date.now();
  private readonly timeline = new Timeline();
  private readonly transit = new TransitHistogram();
  private readonly keyframes = new KeyframeInterval();
  private readonly collectTimer = setInterval(() => {
    this.collect();
    this.outputs.measure(performance.now());
  }, COLLECT_MS);
  private splices = 0;
  private notedMs = 0;
  private readonly spliceEmitter = new Emitter<BroadcastSpliceParams>();
  /** Fires when the stream continues with another encoder. */
  readonly onDidSplice: Event<BroadcastSpliceParams> = this.spliceEmitter.event;

  /**
   * @param gopCache where outputs begin when they (re)connect: headers and the current GOP
   * @param recorders take all that is on air as well
   * @param renditions encodes that outputs have for themselves
   * @param flight remembers what encoders deliver, and how outputs are
   */
  constructor(
    gopCache: GopCache,
    readonly outputs: OutputSlots,
    recorders: readonly { push(tag: StreamTag): void }[],
    private readonly renditions = new Renditions(gopCache),
    private readonly flight?: FlightTap,
  ) {
    this.timeline.onDidJoin(({ gapMs }) => {
      const { splices, lastTimestampMs } = this.timeline.status();
      if (splices === this.splices) return;
      this.splices = splices;
      this.spliceEmitter.fire({ gapMs, timestampMs: lastTimestampMs });
    });
    this.timeline.onTag((tag) => {
      this.keyframes.take(tag);
      gopCache.push(tag);
      outputs.push(tag);
      for (const recorder of recorders) recorder.push(tag);
      renditions.takeProgramme(tag);
    });
    const setRenditions = () => this.timeline.setRenditions(renditions.settings.map(({ id }) => id));
    setRenditions();
    renditions.onDidChange(setRenditions);
    this.timeline.onRenditionTag((tag) => renditions.take(tag));
    renditions.onTag(({ key, tag }) => outputs.push(tag, key));
  }

  /** Time since the broadcast began, ms. Not affected by changes of the system clock. */
  get uptimeMs(): number {
    return performance.now() - this.beganMs;
  }

  beginEpoch(options?: EpochOptions): EpochWriter {
    const { flight } = this;
    if (flight === undefined) return this.timeline.beginEpoch(options);
    const epoch = this.timeline.beginEpoch({
      ...options,
      onTag: (tag) => {
        flight.packet(epoch.number, tag);
        options?.onTag?.(tag);
      },
    });
    return epoch;
  }

  /** What `performance.now()` was at the stream's time 0; undefined before its first keyframe. */
  get beganAtMs(): number | undefined {
    return this.timeline.beganAtMs;
  }

  /** Current position of the stream, ms on its timeline. */
  get positionMs(): number {
    return this.timeline.status().lastTimestampMs;
  }

  timelineStatus(): TimelineStatus {
    this.collect();
    const { ms } = this.keyframes;
    const keyframes = ms === undefined ? {} : { keyframeIntervalMs: ms };
    return { ...this.timeline.status(), ...keyframes, transitP99Ms: this.transit.p99Ms };
  }

  private collect(): void {
    this.transit.record(this.outputs.takeTransitTimes());
    const { uptimeMs } = this;
    // The status asks for it as well.
    if (this.flight === undefined || uptimeMs - this.notedMs < COLLECT_MS / 2) return;
    this.notedMs = uptimeMs;
    const outputs = this.outputs
      .statuses()
      .map(({ id, state, queueMs, bytesSent, droppedFrames, sessions }) => ({
        ...{ id, state, queueMs, bytesSent, droppedFrames, sessions },
      }));
    this.flight.note('outputs', { outputs });
  }

  dispose(): void {
    clearInterval(this.collectTimer);
    this.timeline.dispose();
    this.renditions.dispose();
    this.spliceEmitter.dispose();
  }
}
