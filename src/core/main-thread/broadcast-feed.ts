import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { BroadcastMarker } from '../../protocol/control.js';
import type { BroadcastSnapshot, BroadcastSpliceParams } from '../../protocol/plugin-broadcast.js';
import type { BroadcastView } from './broadcast-view.js';

const INTERVAL_MS = 1000;

/** What plugins see of the broadcast, taken once for all of them: at each change of state, and every second while not idle. */
export class BroadcastFeed implements Disposable {
  private view: BroadcastView | undefined;
  private watching: readonly Disposable[] = [];
  private timer: NodeJS.Timeout | undefined;
  private heard = false;
  private readonly emitter = new Emitter<BroadcastSnapshot>({
    onFirstListenerAdd: () => this.setHeard(true),
    onLastListenerRemove: () => this.setHeard(false),
  });
  readonly onSnapshot: Event<BroadcastSnapshot> = this.emitter.event;
  private readonly markersEmitter = new Emitter<readonly BroadcastMarker[]>();
  /** Fires with all of them. */
  readonly onDidChangeMarkers: Event<readonly BroadcastMarker[]> = this.markersEmitter.event;
  private readonly spliceEmitter = new Emitter<BroadcastSpliceParams>();
  readonly onDidSplice: Event<BroadcastSpliceParams> = this.spliceEmitter.event;

  /** The broadcast that is watched. */
  get broadcast(): BroadcastView | undefined {
    return this.view;
  }

  /** Takes the broadcast to watch from now on. */
  watch(view: BroadcastView): void {
    this.unwatch();
    this.view = view;
    this.watching = [
      view.onDidChangeState(() => this.take()),
      view.markers.onDidChange(() => this.markersEmitter.fire(view.markers.list())),
      view.onDidSplice((splice) => this.spliceEmitter.fire(splice)),
    ];
    this.take();
  }

  /** Undefined as long as there is no broadcast to watch. */
  snapshot(): BroadcastSnapshot | undefined {
    if (this.view === undefined) return undefined;
    const { state, uptimeMs, encoder, timeline, outputs, error } = this.view.status();
    return {
      sampledAtMs: Date.now(),
      state,
      uptimeMs,
      encoder: { fps: encoder.fps, bitrateKbps: encoder.bitrateKbps, restarts: encoder.restarts },
      timeline: {
        videoFrames: timeline.videoFrames,
        audioFrames: timeline.audioFrames,
        splices: timeline.splices,
        lastGapMs: timeline.lastGapMs,
        maxGapMs: timeline.maxGapMs,
      },
      outputs: outputs.map(({ id, state, sessions, bytesSent, droppedFrames, queueMs, error }) => ({
        id,
        state,
        sessions,
        bytesSent,
        droppedFrames,
        queueMs,
        ...(error === undefined ? {} : { error: error.message }),
      })),
      ...(error === undefined ? {} : { error: error.message }),
    };
  }

  private setHeard(heard: boolean): void {
    this.heard = heard;
    this.schedule(this.view?.status().state ?? 'idle');
  }

  private unwatch(): void {
    for (const subscription of this.watching) subscription.dispose();
    this.watching = [];
  }

  private take(): void {
    const snapshot = this.snapshot();
    if (snapshot === undefined) return;
    this.schedule(snapshot.state);
    this.emitter.fire(snapshot);
  }

  private schedule(state: BroadcastSnapshot['state']): void {
    clearTimeout(this.timer);
    if (this.heard && state !== 'idle') this.timer = setTimeout(() => this.take(), INTERVAL_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.unwatch();
    for (const emitter of [this.emitter, this.markersEmitter, this.spliceEmitter]) emitter.dispose();
  }
}
