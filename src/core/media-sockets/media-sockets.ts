import type { MediaAddress } from '../../protocol/encoder.js';

export const MediaSockets = Symbol('MediaSockets');

/** Where the core receives media: a socket per run. */
export interface MediaSockets {
  /** Opens a socket for a run that is about to start. */
  open(): MediaSocket;
}

/** The media of one run: one connection, from its acceptance to its end. */
export interface MediaSocket {
  /** The address for the run's process only. Rejects with `process.failed` if the core cannot listen. */
  readonly address: Promise<MediaAddress>;
  /**
   * Calls back for each chunk, from the connection's first byte on, and once when nothing more will come: the connection has
   * ended, or the socket was retired before there was one. Until this is called little is read, whatever is sent. Call it once.
   */
  read(onChunk: (chunk: Buffer) => void, onEnd: () => void): void;
  /**
   * Sends to the other end, in one go; nothing without a connection. The memory must not change until this resolves: when everything has been
   * handed to the system, or cannot be any more.
   */
  send(parts: readonly Buffer[]): Promise<void>;
  /**
   * The sender has exited. No connection is accepted any more; the rest of a connection that is being read gets a moment to be
   * read. May be called repeatedly.
   */
  retire(): void;
}
