import type { Disposable } from 'vscode-jsonrpc';
import type { Size } from '../../base/geometry.js';
import {
  type PluginFrameHead,
  type PluginPresence,
  type PluginSourceId,
  writePluginFrameHead,
  writePluginPresence,
} from '../../protocol/plugin-frames.js';
import type { MediaSocket } from '../media-sockets/media-sockets.js';
import type { SharedPixels } from './shared-pixels.js';

/** What the encoder has to know of a source. */
interface SourceNews {
  readonly id: PluginSourceId;
  readonly frame: (Size & { readonly pixels: SharedPixels }) | undefined;
  /** What is to be known after that. */
  readonly presence: PluginPresence | undefined;
}

/**
 * Frames of plugins on their way to one run of the encoder: one after the other, and of each source the newest. What an encoder does not read
 * takes no more memory than the frames that are kept anyway.
 */
export class FrameFeed implements Disposable {
  /** By the ids of their sources. */
  private readonly waiting = new Map<string, SourceNews>();
  private isSending = false;
  private disposed = false;

  constructor(private readonly socket: Pick<MediaSocket, 'send'>) {}

  /** @param pixels are retained until they have been sent */
  sendFrame({ plugin, source, width, height }: PluginFrameHead, pixels: SharedPixels): void {
    const frame = { width, height, pixels: pixels.retain() };
    this.put({ id: { plugin, source }, frame, presence: undefined });
  }

  /** A frame of the source that waits is sent before. */
  sendPresence(id: PluginSourceId, presence: PluginPresence): void {
    const frame = this.waiting.get(id.source)?.frame;
    frame?.pixels.retain();
    this.put({ id, frame, presence });
  }

  private put(news: SourceNews): void {
    if (this.disposed) {
      news.frame?.pixels.release();
      return;
    }
    const { source } = news.id;
    this.waiting.get(source)?.frame?.pixels.release();
    this.waiting.set(source, news);
    void this.send();
  }

  private async send(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    for (let news = this.next(); news !== undefined; news = this.next()) {
      const { id, frame, presence } = news;
      await this.socket.send([
        ...(frame === undefined ? [] : [writePluginFrameHead({ ...id, ...frame }), frame.pixels.bytes]),
        ...(presence === undefined ? [] : [writePluginPresence(id, presence)]),
      ]);
      frame?.pixels.release();
    }
    this.isSending = false;
  }

  private next(): SourceNews | undefined {
    const [first] = this.waiting.values();
    if (first !== undefined) this.waiting.delete(first.id.source);
    return first;
  }

  dispose(): void {
    this.disposed = true;
    for (const { frame } of this.waiting.values()) frame?.pixels.release();
    this.waiting.clear();
  }
}
