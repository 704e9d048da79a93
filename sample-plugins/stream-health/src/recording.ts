import type { BroadcastMarker, BroadcastStats } from '@bulkhead/extension-api';
import type { Finding } from './health.js';
import { Series } from './series.js';

/**
 * Maximum number of events kept per kind; the oldest are kept, since later ones mostly repeat them.
 */
const MAX_EVENTS = 500;

/** An event, ms since the broadcast's start. */
export type At<T> = T & { readonly atMs: number };

/** The values of one destination. */
export interface OutputRecording {
  readonly bitrateKbps: Series;
  readonly queueMs: Series;
  /** Frames dropped so far, over time. */
  readonly droppedFrames: Series;
  reconnections: number;
}

/** The values of one broadcast, in bounded memory regardless of its length. */
export class Recording {
  readonly fps = new Series();
  readonly outputs = new Map<string, OutputRecording>();
  readonly gaps: At<{ readonly gapMs: number }>[] = [];
  readonly findings: At<Finding>[] = [];
  private first: number | undefined;
  private last = 0;
  private latest: BroadcastStats | undefined;

  /** @param startedAtMs when the broadcast was started, ms since 1970. */
  constructor(readonly startedAtMs: number) {}

  /** The time with values, ms since the broadcast's start. */
  get span(): { readonly fromMs: number; readonly toMs: number } {
    return { fromMs: this.first ?? 0, toMs: this.last };
  }

  /** The last values; undefined if there are none. */
  get stats(): BroadcastStats | undefined {
    return this.latest;
  }

  /** @param nowMs since 1970. */
  add(nowMs: number, stats: BroadcastStats, findings: readonly Finding[]): void {
    const atMs = Math.max(0, nowMs - this.startedAtMs);
    this.first ??= atMs;
    this.last = Math.max(this.last, atMs);
    this.fps.add(atMs, stats.encoder.fps);
    for (const { id, bitrateKbps, queueMs, droppedFrames, sessions } of stats.outputs) {
      const output = this.output(id);
      output.bitrateKbps.add(atMs, bitrateKbps);
      output.queueMs.add(atMs, queueMs);
      output.droppedFrames.add(atMs, droppedFrames);
      output.reconnections = Math.max(0, sessions - 1);
    }
    if (this.latest !== undefined && stats.splices > this.latest.splices) {
      keep(this.gaps, { atMs, gapMs: stats.lastGapMs });
    }
    for (const finding of findings) keep(this.findings, { atMs, ...finding });
    this.latest = stats;
  }

  /** The broadcast's markers within its time. */
  markersOf(markers: readonly BroadcastMarker[]): At<BroadcastMarker>[] {
    return markers
      .filter(({ atMs }) => atMs >= this.startedAtMs)
      .map((marker) => ({ ...marker, atMs: marker.atMs - this.startedAtMs }));
  }

  private output(id: string): OutputRecording {
    const known = this.outputs.get(id);
    if (known !== undefined) return known;
    const output = {
      bitrateKbps: new Series(),
      queueMs: new Series(),
      droppedFrames: new Series(),
      reconnections: 0,
    };
    this.outputs.set(id, output);
    return output;
  }
}

function keep<T>(events: T[], event: T): void {
  if (events.length < MAX_EVENTS) events.push(event);
}
