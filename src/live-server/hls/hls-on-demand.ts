import type { Disposable } from 'vscode-jsonrpc';
import { withDeadline } from '../../base/with-deadline.js';
import type { LiveStream } from '../live-stream.js';
import { HlsSegments } from './hls-segments.js';
import { HlsWindow } from './hls-window.js';

/** Segments are made until none has been requested for this long, ms: players ask every few seconds. */
const IDLE_MS = 30_000;
/** How long the first one who asks may wait for a segment, ms: it is whole at the keyframe after it. */
const FIRST_SEGMENT_MS = 8000;

/** A stream as HLS while it is played as HLS: most streams are played as FLV alone. */
export class HlsOnDemand implements Disposable {
  private readonly window = new HlsWindow();
  private leave: (() => void) | undefined;
  private idle: NodeJS.Timeout | undefined;
  /** Settles with the first segment since it began, or its end. */
  private ready: Promise<void> = Promise.resolve();
  private onReady = () => {};

  constructor(private readonly stream: Pick<LiveStream, 'watch' | 'isPublished'>) {}

  /**
   * Waits for the first segment where there is none yet, for {@link FIRST_SEGMENT_MS} at most.
   *
   * @param query put behind the address of each segment, with its "?"
   * @returns undefined while there is nothing to play
   */
  async playlist(query: string): Promise<string | undefined> {
    this.touch();
    const text = this.window.playlist(query);
    if (text !== undefined || !this.stream.isPublished) return text;
    await withDeadline(this.ready, FIRST_SEGMENT_MS, () => {});
    return this.window.playlist(query);
  }

  /** A file by the name that it has in the playlist. */
  file(name: string): Buffer | undefined {
    const bytes = this.window.file(name);
    if (bytes !== undefined) this.touch();
    return bytes;
  }

  dispose(): void {
    clearTimeout(this.idle);
    this.leave?.();
    this.leave = undefined;
    this.onReady();
    this.window.clear();
  }

  private touch(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.dispose(), IDLE_MS);
    if (this.leave === undefined) this.begin();
  }

  private begin(): void {
    this.ready = new Promise((resolve) => {
      this.onReady = resolve;
    });
    const segments = new HlsSegments((segment) => {
      this.window.add(segment);
      this.onReady();
    });
    this.watch(segments);
  }

  /** Watches each broadcast in turn. */
  private watch(segments: HlsSegments): void {
    this.leave = this.stream.watch({
      onTag: (tag) => segments.onTag(tag),
      onEnd: () => {
        segments.onEnd();
        this.window.end();
        // The stream forgets its viewers when this returns.
        queueMicrotask(() => this.leave !== undefined && this.watch(segments));
      },
    });
  }
}
