import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import { LineSplitter } from './line-splitter.js';

/**
 * Maximum rate at which the core reads one log stream, bytes per second. A part that writes more blocks in its own
 * `write`.
 */
const MAX_BYTES_PER_SECOND = 1024 * 1024;
const WINDOW_MS = 1000;

/** Reads a part's stdout or stderr as log lines, at a bounded rate: a part that floods its log slows only itself. */
export class LogReader implements Disposable {
  /** Resolves when the stream has ended or was disposed. */
  readonly done: Promise<void>;
  private readonly stream: Readable;
  private readonly maxBytes: number;
  private bytes = 0;
  private windowStart = performance.now();
  private resumption: NodeJS.Timeout | undefined;

  constructor(stream: Readable, onLine: (line: string) => void, maxBytesPerSecond = MAX_BYTES_PER_SECOND) {
    this.stream = stream;
    this.maxBytes = maxBytesPerSecond;
    const lines = new LineSplitter(onLine);
    stream.on('data', (chunk: Buffer) => {
      lines.push(chunk);
      this.account(chunk.length);
    });
    // A broken pipe only ends the log.
    stream.on('error', () => {});
    this.done = new Promise((resolve) => {
      stream.once('close', () => {
        clearTimeout(this.resumption);
        lines.end();
        resolve();
      });
    });
  }

  /** The part has exited: the rest is bounded by the pipe's size, so it is read without a limit. */
  drain(): void {
    clearTimeout(this.resumption);
    this.bytes = Number.NEGATIVE_INFINITY;
    this.stream.resume();
  }

  dispose(): void {
    this.stream.destroy();
  }

  private account(bytes: number): void {
    const now = performance.now();
    if (now - this.windowStart >= WINDOW_MS) {
      this.windowStart = now;
      this.bytes = Math.min(this.bytes, 0);
    }
    this.bytes += bytes;
    if (this.bytes < this.maxBytes) return;
    this.stream.pause();
    this.resumption = setTimeout(() => this.stream.resume(), WINDOW_MS - (now - this.windowStart));
  }
}
