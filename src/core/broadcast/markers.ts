import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { BroadcastMarker } from '../../protocol/status/status.js';

/** Maximum number per broadcast: all of them are part of each status. */
export const MAX_MARKERS = 200;

/** The markers of a broadcast. They are kept until the next one begins. */
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
   * @param plugin the plugin that sets it; undefined for the streamer.
   * @throws `broadcast.state` if there are too many.
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
