import type { Duplex } from 'node:stream';
import type { SourceFrame } from '@bulkhead/extension-api';
import { RateLimiter } from '../base/rate-limiter.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import {
  isPluginFrameSize,
  LONGEST_SIDE,
  type PluginFrameHead,
  pluginFrameBytes,
  writePluginFrameHead,
} from '../protocol/plugin-frames.js';
import { PluginOffersFrameRequest } from '../protocol/plugin-sources.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** How long a core that hangs is waited for, ms. */
const CORE_DEADLINE_MS = 60_000;
/** Of all sources together: a plugin that sends without a pause must not keep the core busy with frames that nobody sees. */
const FRAME_RATE = { burst: 240, perSecond: 240 };
/** Bytes that are written at once: in `hybrid` mode the core takes each piece in one turn. */
const PIECE_BYTES = 256 * 1024;

/** A frame that is to be sent when those before it have been. */
interface Waiting {
  head: PluginFrameHead;
  pixels: Buffer;
  readonly sent: Promise<void>;
}

/**
 * Sends frames of plugins to the core, on a channel of their own: one after the other, and of each source the newest. The core reads no
 * faster than it wants to.
 */
export class FrameSender {
  private readonly waiting = new Map<string, Waiting>();
  private readonly rate = new RateLimiter(FRAME_RATE);
  /** Resolves when all that wait now have been sent. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: RpcConnection,
    private readonly channel: Duplex | undefined,
  ) {
    channel?.on('error', () => {});
  }

  /**
   * Resolves when the next frame of the source may be sent: this one, or a newer one in its place, has been handed over, or is not wanted.
   *
   * @throws BulkheadError `config.invalid` for a wrong size; what the core refuses it with
   */
  async send(plugin: string, source: string, frame: SourceFrame): Promise<void> {
    checkFrame(source, Object(frame));
    const { width, height, rgba } = frame;
    const head = { plugin, source, width, height };
    // A copy: the plugin may draw the next frame into the same memory.
    const pixels = Buffer.from(Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength));
    const name = `${plugin} ${source}`;
    const before = this.waiting.get(name);
    if (before !== undefined) {
      before.head = head;
      before.pixels = pixels;
      return before.sent;
    }
    const sent = this.queue.then(() => this.sendWaiting(name));
    this.waiting.set(name, { head, pixels, sent });
    this.queue = sent.catch(() => {});
    return sent;
  }

  private async sendWaiting(name: string): Promise<void> {
    const pauseMs = this.rate.spend(1);
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const next = this.waiting.get(name);
    this.waiting.delete(name);
    if (next === undefined) return;
    const { head, pixels } = next;
    const { isWanted } = await this.connection.sendRequest(
      PluginOffersFrameRequest.type,
      { plugin: head.plugin, id: head.source },
      { deadlineMs: CORE_DEADLINE_MS },
    );
    if (!isWanted) return;
    await this.write(writePluginFrameHead(head));
    for (let at = 0; at < pixels.length; at += PIECE_BYTES)
      await this.write(pixels.subarray(at, at + PIECE_BYTES));
  }

  private write(bytes: Buffer): Promise<void> {
    const { channel } = this;
    return new Promise((resolve, reject) => {
      if (channel === undefined || channel.destroyed) reject(closed());
      else channel.write(bytes, (error) => (error instanceof Error ? reject(closed()) : resolve()));
    });
  }
}

/** @throws BulkheadError `config.invalid` */
function checkFrame(source: string, frame: Partial<SourceFrame>): void {
  const { width = 0, height = 0, rgba } = frame;
  const size = { width, height };
  const bytes = ArrayBuffer.isView(rgba) ? rgba.byteLength : 0;
  const problem = !isPluginFrameSize(size)
    ? `a frame of ${width} × ${height} pixels: expected even numbers, 2 to ${LONGEST_SIDE}`
    : bytes !== pluginFrameBytes(size)
      ? `a frame of ${width} × ${height} pixels with ${bytes} bytes: expected ${pluginFrameBytes(size)}, four for each pixel`
      : undefined;
  if (problem === undefined) return;
  throw new BulkheadError(ErrorCodes.configInvalid, problem, {
    where: `sources.${source}`,
    remedy: 'Send rows of RGBA without padding, one after the other.',
  });
}

function closed(): BulkheadError {
  return new BulkheadError(ErrorCodes.rpcClosed, 'the channel for frames is closed', {
    where: 'extension-host',
  });
}
