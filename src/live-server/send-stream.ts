import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { WebSocket } from 'ws';

/** Opens the stream for one viewer; aborting the signal closes it. Never throws. */
export type OpenStream = (signal: AbortSignal) => Readable;

/** A viewer that is receiving the stream. */
export interface StreamViewer {
  /** Ends its response, since the broadcast has ended. */
  end(): void;
}

/**
 * How long viewers' connections stay open after the publisher has disconnected, ms: if the core has crashed, which ends the
 * publisher first, the viewers are disconnected within this time.
 */
const END_AFTER_MS = 200;
/** How long a viewer may take to read the rest of a stream that has ended, ms. */
const LAST_BYTES_MS = 10_000;
/** Maximum backlog in the socket, bytes; more waits in the stream, which may drop frames. */
const WEBSOCKET_BUFFER = 64 * 1024;
const NORMAL_CLOSURE = 1000;

/**
 * Pipes with back-pressure: what a slow viewer does not read stays in the stream, which drops it. A response that ends in order
 * means that the stream has ended; an aborted one means a failure.
 */
export function sendByHttp(response: ServerResponse, openStream: OpenStream): StreamViewer {
  const viewer = new AbortController();
  let ending: NodeJS.Timeout | undefined;
  const end = () => {
    // Node closes the connection of a client that does not read.
    response.socket?.setTimeout(LAST_BYTES_MS);
    response.end();
  };
  response.once('close', () => {
    clearTimeout(ending);
    viewer.abort();
  });
  const stream = openStream(viewer.signal);
  // Also when the viewer disconnects, which aborts the stream.
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

/** The same over a WebSocket: each message has some bytes of the FLV. Any message from a viewer closes it. */
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
