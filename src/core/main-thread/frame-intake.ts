import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { RateLimiter } from '../../base/rate-limiter.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { type PluginFrameHead, PluginFrameReader, pluginFrameBytes } from '../../protocol/plugin-frames.js';
import type { PluginFrames } from '../broadcast/collection/plugin-frames.js';

/** Bytes that are read of one host. */
const BYTES = { burst: 8_000_000, perSecond: 8_000_000 };
/** A smaller frame counts as much: each one costs the core and the encoder some time. */
const LEAST_FRAME_BYTES = 32 * 1024;

export interface FrameIntakeOptions {
  /** Of the host. */
  readonly plugins: readonly InstalledPlugin[];
  readonly frames: Pick<PluginFrames, 'begin' | 'end'>;
  /** What it sends is not valid: nothing more is read. */
  readonly onMisuse: (what: string) => void;
}

/**
 * Reads the frames that one host sends. The stream is paused while more has come than may: the rest waits in the host, whose plugin is slowed
 * by that.
 */
export class FrameIntake implements Disposable {
  private readonly reader: PluginFrameReader;
  private readonly rate = new RateLimiter(BYTES);
  private timer: NodeJS.Timeout | undefined;
  /** What small frames count more than their bytes. */
  private extraBytes = 0;

  constructor(
    private readonly stream: Readable,
    private readonly options: FrameIntakeOptions,
  ) {
    this.reader = new PluginFrameReader({
      begin: (head) => this.begin(head),
      end: (head, pixels) => options.frames.end(head, pixels),
      // That is known from the end of the host.
      presence: () => {
        throw new Error('what it sends is not a frame');
      },
    });
    stream.on('data', (chunk: Buffer) => this.take(chunk));
  }

  private take(chunk: Buffer): void {
    if (this.stream.destroyed) return;
    try {
      this.reader.push(chunk);
    } catch (error) {
      this.dispose();
      this.options.onMisuse((error as Error).message);
      return;
    }
    const waitMs = this.rate.spend(chunk.length + this.extraBytes);
    this.extraBytes = 0;
    if (waitMs === 0) return;
    this.stream.pause();
    this.timer = setTimeout(() => this.stream.resume(), Math.ceil(waitMs));
  }

  private begin(head: PluginFrameHead): Buffer | undefined {
    const plugin = this.options.plugins.find(({ id }) => id === head.plugin);
    if (plugin === undefined)
      throw new Error(`a frame is of the plugin "${head.plugin}", which does not run in it`);
    this.extraBytes += Math.max(0, LEAST_FRAME_BYTES - pluginFrameBytes(head));
    // The permission may have been revoked since the frame was offered.
    return plugin.granted.includes('sources') ? this.options.frames.begin(head) : undefined;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.stream.destroy();
  }
}
