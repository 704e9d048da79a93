import { Readable } from 'node:stream';
import { FLV_PREAMBLE, flvTag } from '../media/flv-writer.js';
import { carrierOf, type StreamTag } from '../media/stream-tag.js';
import type { LiveStream, Viewer } from './live-stream.js';
import { ViewerGate } from './viewer-gate.js';

/** How long a viewer may take to read the rest of a stream that has ended, ms. */
const LAST_BYTES_MS = 10_000;

/** Encoded tags, shared by all viewers. */
const encoded = new WeakMap<StreamTag, Buffer>();

/** A stream as FLV for one viewer: ends with the stream, fails for a viewer that reads too slowly. */
export class FlvViewer extends Readable implements Viewer {
  private readonly gate = new ViewerGate(() => this.readableLength);
  private ending: NodeJS.Timeout | undefined;
  private leave: () => void = () => {};

  /** @param signal aborted when the viewer disconnects */
  constructor(stream: LiveStream, signal: AbortSignal) {
    super({ signal });
    this.push(FLV_PREAMBLE);
    if (!this.destroyed) this.leave = stream.watch(this);
  }

  onTag(tag: StreamTag): void {
    const verdict = this.gate.judge(tag);
    if (verdict === 'cut off') this.destroy(new Error('the viewer reads too slowly'));
    if (verdict !== 'send') return;
    const bytes = encoded.get(tag) ?? flvTag(carrierOf(tag.kind), tag.timestampMs, tag.payload);
    encoded.set(tag, bytes);
    this.push(bytes);
  }

  onEnd(): void {
    this.push(null);
    if (this.destroyed) return;
    this.ending = setTimeout(() => this.destroy(new Error('the viewer reads too slowly')), LAST_BYTES_MS);
  }

  override _read(): void {}

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.ending);
    this.leave();
    callback(error);
  }
}
