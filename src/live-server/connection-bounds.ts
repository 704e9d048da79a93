import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Maximum number of connections of each kind. */
export interface ConnectionLimits {
  /** Connections without a complete request, or idle after one. */
  readonly waiting: number;
  /** Connections receiving an answer other than the stream. */
  readonly answering: number;
  /** Viewers of the stream. */
  readonly watching: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = { waiting: 64, answering: 64, watching: 128 };

/** A connection that reads nothing of its answer for this long is closed, ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Limits the connections of an HTTP server by their state. All of them may come from this machine, so that a browser cannot be
 * distinguished by its address from a program that opens a thousand: among connections that are waiting or slow to read an
 * answer, the oldest is closed to make room for a new one; a browser's are finished long before.
 */
export class ConnectionBounds {
  /** In the order in which they entered this state. */
  private readonly waiting = new Set<Socket>();
  private readonly answering = new Set<Socket>();
  private readonly watching = new Set<Socket>();

  constructor(
    server: Server,
    private readonly limits: ConnectionLimits = CONNECTION_LIMITS,
  ) {
    server.on('connection', (socket: Socket) => {
      socket.once('close', () => {
        for (const sockets of [this.waiting, this.answering, this.watching]) sockets.delete(socket);
      });
      this.wait(socket);
    });
    server.on('request', ({ socket }, response) => {
      this.waiting.delete(socket);
      this.answer(socket);
      response.once('close', () => {
        this.answering.delete(socket);
        this.watching.delete(socket);
        if (!socket.destroyed) this.wait(socket);
      });
    });
  }

  /** The connection's answer is the stream, until that ends. @returns Whether there is room for another viewer. */
  watch(socket: Socket): boolean {
    if (this.watching.size >= this.limits.watching) return false;
    this.waiting.delete(socket);
    this.answering.delete(socket);
    socket.setTimeout(0);
    this.watching.add(socket);
    return true;
  }

  private wait(socket: Socket): void {
    this.waiting.add(socket);
    makeRoom(this.waiting, this.limits.waiting);
  }

  private answer(socket: Socket): void {
    // Node then closes the connection, and sets its own timeout when the answer has been read.
    socket.setTimeout(ANSWER_TIMEOUT_MS);
    this.answering.add(socket);
    makeRoom(this.answering, this.limits.answering);
  }
}

function makeRoom(sockets: Set<Socket>, limit: number): void {
  for (const oldest of sockets) {
    if (sockets.size <= limit) return;
    sockets.delete(oldest);
    oldest.destroy();
  }
}
