import type { Readable } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';

/** Maximum number of bytes handed on in one turn of the event loop: about a millisecond's work for any content. */
const SLICE_BYTES = 2 * 1024;
/** A server sends a publisher a few kB per session, and some bytes a second after that. */
const BURST_BYTES = 256 * 1024;
const BYTES_PER_SECOND = 64 * 1024;
/** Minimum cost of a read, in bytes: reading a single byte takes the event loop as long. */
const MIN_READ_COST = 32;
const MS_PER_SLICE = (SLICE_BYTES / BYTES_PER_SECOND) * 1000;

/**
 * Reads what a server sends, in slices and at a bounded rate. A server that sends more is blocked by TCP: it uses
 * neither memory nor the event loop's time, and media can be sent in the meantime.
 */
export class Intake implements Disposable {
  private budget = BURST_BYTES;
  private refilledAtMs = performance.now();
  private nextTurn: NodeJS.Immediate | undefined;
  private later: NodeJS.Timeout | undefined;

  /** @param take gets the bytes in order; must not throw */
  constructor(
    private readonly source: Readable,
    private readonly take: (bytes: Buffer) => void,
  ) {
    source.on('readable', () => {
      if (this.nextTurn === undefined && this.later === undefined) this.readSlice();
    });
  }

  private readSlice(): void {
    this.nextTurn = undefined;
    this.later = undefined;
    this.refill();
    const bytes: Buffer | null = this.source.read(
      Math.min(this.source.readableLength, SLICE_BYTES, Math.floor(this.budget)),
    );
    if (bytes !== null) {
      this.budget -= Math.max(bytes.length, MIN_READ_COST);
      this.take(bytes);
    }
    if (this.source.destroyed) return;
    // A stream ends, or requests more data, when it is read while empty.
    if (this.source.readableLength === 0) this.source.read(0);
    else if (this.budget >= 1) this.nextTurn = setImmediate(() => this.readSlice());
    else this.later = setTimeout(() => this.readSlice(), MS_PER_SLICE);
  }

  private refill(): void {
    const nowMs = performance.now();
    const earned = ((nowMs - this.refilledAtMs) / 1000) * BYTES_PER_SECOND;
    this.budget = Math.min(BURST_BYTES, this.budget + earned);
    this.refilledAtMs = nowMs;
  }

  /** Stops handing on data. For a source that has closed: an open one would wait for a reader. */
  dispose(): void {
    clearImmediate(this.nextTurn);
    clearTimeout(this.later);
  }
}
