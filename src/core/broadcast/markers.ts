import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { BroadcastMarker } from '../../protocol/control.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** As many as one broadcast holds: all of them are in each status. */
export const MAX_MARKERS = 200;

/** The named moments of a broadcast. They are kept until the next one begins. */
export class Markers implements Disposable {
  private markers: readonly BroadcastMarker[] = [];
  private lastId = 0;
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  /** Oldest first. */
  list(): readonly BroadcastMarker[] {
    return this.markers;
  }

  /**
   * @param timestampMs on the stream's timeline.
   * @param plugin who sets it; the streamer without one.
   * @throws `broadcast.state` when there is no room for another.
   */
  add(label: string, timestampMs: number, plugin?: string): BroadcastMarker {
    if (this.markers.length >= MAX_MARKERS) {
      throw new BulkheadError(ErrorCodes.broadcastState, `the broadcast has ${MAX_MARKERS} markers already`, {
        remedy: 'The next broadcast begins without any.',
      });
    }
    this.lastId += 1;
    const marker = {
      id: this.lastId,
      label,
      ...(plugin === undefined ? {} : { plugin }),
      timestampMs,
      atMs: Date.now(),
    };
    this.markers = [...this.markers, marker];
    this.changeEmitter.fire();
    return marker;
  }

  clear(): void {
    this.markers = [];
    this.changeEmitter.fire();
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}
