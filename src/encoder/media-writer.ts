import type { Socket } from 'node:net';
import { FLV_PREAMBLE, flvTagParts } from '../media/flv-writer.js';

/** Bytes that may wait for the core; it reads everything at once, unless it has stopped. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** The programme as FLV, on the connection to the core. */
export class MediaWriter {
  private corked = false;

  constructor(private readonly media: Socket) {
    media.on('error', () => {});
    media.write(FLV_PREAMBLE);
  }

  /** @param rendition 0 is the programme */
  write(carrier: 'audio' | 'video' | 'metadata', timestampMs: number, payload: Buffer, rendition = 0): void {
    const { media } = this;
    if (media.writableLength > MAX_WAITING_BYTES) return;
    this.cork();
    for (const part of flvTagParts(carrier, timestampMs, payload, rendition)) media.write(part);
  }

  /** All that is written at the same time goes in one call: each costs as much as some kilobytes. */
  private cork(): void {
    if (this.corked) return;
    this.corked = true;
    this.media.cork();
    process.nextTick(() => {
      this.corked = false;
      this.media.uncork();
    });
  }

  get bytesWritten(): number {
    return this.media.bytesWritten;
  }

  /** Resolves when the core has everything, or is gone. */
  end(): Promise<void> {
    const { media } = this;
    return new Promise((resolve) => {
      media.once('close', resolve);
      media.end(() => resolve());
    });
  }
}
