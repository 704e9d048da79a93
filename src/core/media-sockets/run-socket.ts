import type { Duplex } from 'node:stream';
import { MEDIA_ACCEPTED, type MediaAddress } from '../../protocol/encoder.js';
import type { MediaSocket } from './media-sockets.js';

/** How long reading the rest may take after the sender's end, ms. */
const DRAIN_MS = 2000;

interface Reader {
  readonly onChunk: (chunk: Buffer) => void;
  readonly onEnd: () => void;
}

/** The core's end of a run's media. */
export class RunSocket implements MediaSocket {
  private socket: Duplex | undefined;
  private reader: Reader | undefined;
  private ended = false;

  constructor(
    readonly address: Promise<MediaAddress>,
    private readonly onRetire: () => void,
  ) {
    // The error is reported to those who await the address.
    address.catch(() => {});
  }

  /** Takes the accepted connection, whose next byte is the media's first. */
  accept(socket: Duplex): void {
    this.socket = socket;
    socket.once('close', () => this.end());
    // Its end is all that has to be known.
    socket.on('error', () => {});
    socket.write(`${MEDIA_ACCEPTED}\n`);
    if (this.reader !== undefined) socket.on('data', this.reader.onChunk);
  }

  read(onChunk: (chunk: Buffer) => void, onEnd: () => void): void {
    this.reader = { onChunk, onEnd };
    if (this.ended) onEnd();
    else this.socket?.on('data', onChunk);
  }

  send(parts: readonly Buffer[]): Promise<void> {
    const { socket } = this;
    const last = parts.at(-1);
    if (socket === undefined || socket.destroyed || socket.writableEnded || last === undefined)
      return Promise.resolve();
    return new Promise((resolve) => {
      socket.cork();
      for (const part of parts.slice(0, -1)) socket.write(part);
      socket.write(last, () => resolve());
      socket.uncork();
    });
  }

  retire(): void {
    this.onRetire();
    const { socket } = this;
    if (socket === undefined) {
      this.end();
    } else if (this.reader === undefined || socket.destroyed) {
      socket.destroy();
    } else {
      const timer = setTimeout(() => socket.destroy(), DRAIN_MS);
      socket.once('close', () => clearTimeout(timer));
    }
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.reader?.onEnd();
  }
}
