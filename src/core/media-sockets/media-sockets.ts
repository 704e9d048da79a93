import type { MediaAddress } from '../../protocol/encoder.js';

export const MediaSockets = Symbol('MediaSockets');

/** Where media comes into the core: a socket for each run that sends some. */
export interface MediaSockets {
  /** For a run that is to come. */
  open(): MediaSocket;
}

/** The media of one run: one connection, from when it is accepted to its end. */
export interface MediaSocket {
  /** For the one that is to connect, which alone may know it. Rejects with `process.failed` when the core cannot listen. */
  readonly address: Promise<MediaAddress>;
  /**
   * Calls back for each chunk, from the connection's first byte on, and once when nothing more comes: the connection has ended,
   * or the socket was retired before there was one. Until then little is read, however much is sent. To be called once.
   */
  read(onChunk: (chunk: Buffer) => void, onEnd: () => void): void;
  /**
   * Whoever was to send is gone. No connection is taken any more; what a connection that is being read still holds gets a
   * moment to be read. Repeating it is harmless.
   */
  retire(): void;
}
