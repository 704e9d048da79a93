import type { Socket } from 'node:net';
import { FLV_PREAMBLE, flvTagParts } from '../media/flv-writer.js';

/** Bytes that may wait for the core; it reads everything at once, unless it has stopped. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** The programme as FLV, on the connection to the core. */
export class MediaWriter {
  constructor(private readonly media: Socket) {
    media.on('error', () => {});
    media.write(FLV_PREAMBLE);
  }

  write(carrier: 'audio' | 'video', timestampMs: number, payload: Buffer): void {
    const { media } = this;
    if (media.writableLength > MAX_WAITING_BYTES) return;
    media.cork();
    for (const part of flvTagParts(carrier, timestampMs, payload)) media.write(part);
    media.uncork();
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
