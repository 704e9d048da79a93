import { type Disposable, Emitter, type Event } from 'vscode-jsonrpc/node';
import type { BroadcastSnapshot } from '../../protocol/plugin-broadcast.js';
import type { BroadcastView } from './broadcast-view.js';

const INTERVAL_MS = 1000;

/** What plugins see of the broadcast, taken once for all of them: at each change of state, and every second while not idle. */
export class BroadcastFeed implements Disposable {
  private view: BroadcastView | undefined;
  private watching: Disposable | undefined;
  private timer: NodeJS.Timeout | undefined;
  private heard = false;
  private readonly emitter = new Emitter<BroadcastSnapshot>({
    onFirstListenerAdd: () => this.setHeard(true),
    onLastListenerRemove: () => this.setHeard(false),
  });
  readonly onSnapshot: Event<BroadcastSnapshot> = this.emitter.event;

  /** The broadcast that is watched. */
  get broadcast(): BroadcastView | undefined {
    return this.view;
  }

  /** Takes the broadcast to watch from now on. */
  watch(view: BroadcastView): void {
    this.watching?.dispose();
    this.view = view;
    this.watching = view.onDidChangeState(() => this.take());
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
    this.watching?.dispose();
    this.emitter.dispose();
  }
}
