import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { type BroadcastSnapshot, stateForPlugins } from '../../protocol/plugin-broadcast.js';
import type { BroadcastState } from '../../protocol/status/status.js';
import { BroadcastView } from '../broadcast/broadcast-view.js';

const INTERVAL_MS = 1000;

/** The broadcast as plugins see it, taken once for all of them: at each change of state, and every second while not idle. */
@injectable()
export class BroadcastFeed implements Disposable {
  private readonly watching: Disposable;
  private timer: NodeJS.Timeout | undefined;
  private active = false;
  private readonly emitter = new Emitter<BroadcastSnapshot>({
    onFirstListenerAdd: () => this.setActive(true),
    onLastListenerRemove: () => this.setActive(false),
  });
  readonly onSnapshot: Event<BroadcastSnapshot> = this.emitter.event;

  constructor(
    @inject(BroadcastView) private readonly broadcast: Pick<BroadcastView, 'status' | 'onDidChangeState'>,
  ) {
    this.watching = broadcast.onDidChangeState(() => this.take());
  }

  snapshot(): BroadcastSnapshot {
    const { state, uptimeMs, encoder, timeline, outputs, error } = this.broadcast.status();
    return {
      sampledAtMs: Date.now(),
      state: stateForPlugins(state),
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
        error: error?.message,
      })),
      error: error?.message,
    };
  }

  private setActive(active: boolean): void {
    this.active = active;
    this.schedule(this.broadcast.status().state);
  }

  private take(): void {
    const snapshot = this.snapshot();
    this.schedule(snapshot.state);
    this.emitter.fire(snapshot);
  }

  private schedule(state: BroadcastState): void {
    clearTimeout(this.timer);
    if (this.active && state !== 'idle') this.timer = setTimeout(() => this.take(), INTERVAL_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watching.dispose();
    this.emitter.dispose();
  }
}
