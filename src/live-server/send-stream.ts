import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { WebSocket } from 'ws';

/** Opens the stream for one viewer; aborting the signal closes it. Never throws. */
export type OpenStream = (signal: AbortSignal) => Readable;

/** A viewer that is being sent the stream. */
export interface StreamViewer {
  /** Tells it that the broadcast has ended. */
  end(): void;
}

/**
 * After the publisher has gone, how long its viewers' connections stay open, ms: when the core has died, which ends the publisher
 * first, the viewers are cut off meanwhile.
 */
const END_AFTER_MS = 200;
/** How long a viewer has to take what is left of a stream that has ended, ms. */
const LAST_BYTES_MS = 10_000;
/** More than this waits in the stream, which drops frames, and not in the socket, bytes. */
const WEBSOCKET_BUFFER = 64 * 1024;
const NORMAL_CLOSURE = 1000;

/**
 * Pipes with back-pressure: what a slow viewer does not take piles up in the stream, which drops it. A response that
 * ends in order says that the stream has ended; one that is cut off says that something broke.
 */
export function sendByHttp(response: ServerResponse, openStream: OpenStream): StreamViewer {
  const viewer = new AbortController();
  let ending: NodeJS.Timeout | undefined;
  const end = () => {
    // Node ends the connection of who does not take it.
    response.socket?.setTimeout(LAST_BYTES_MS);
    response.end();
  };
  response.once('close', () => {
    clearTimeout(ending);
    viewer.abort();
  });
  const stream = openStream(viewer.signal);
  // Also when the viewer leaves, which aborts the stream.
  stream.on('error', () => response.destroy());
  stream.once('close', () => {
    if (!stream.readableEnded) response.destroy();
  });
  stream.once('end', () => {
    ending = setTimeout(end, END_AFTER_MS);
  });
  stream.pipe(response, { end: false });
  return { end };
}

/** The same on a WebSocket: a message holds some bytes of the FLV. What a viewer sends closes it. */
export function sendByWebSocket(socket: WebSocket, openStream: OpenStream): StreamViewer {
  const viewer = new AbortController();
  let ending: NodeJS.Timeout | undefined;
  const end = () => {
    clearTimeout(ending);
    socket.close(NORMAL_CLOSURE, 'The broadcast has ended.');
    ending = setTimeout(() => socket.terminate(), LAST_BYTES_MS);
  };
  socket.on('error', () => {});
  socket.on('message', () => socket.terminate());
  socket.once('close', () => {
    clearTimeout(ending);
    viewer.abort();
  });
  const stream = openStream(viewer.signal);
  stream.on('error', () => socket.terminate());
  stream.once('close', () => {
    if (!stream.readableEnded) socket.terminate();
  });
  stream.once('end', () => {
    ending = setTimeout(end, END_AFTER_MS);
  });
  stream.on('data', (bytes: Buffer) => {
    socket.send(bytes, () => {
      if (socket.bufferedAmount <= WEBSOCKET_BUFFER) stream.resume();
    });
    if (socket.bufferedAmount > WEBSOCKET_BUFFER) stream.pause();
  });
  return { end };
}
