import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How many connections there may be of each kind. */
export interface ConnectionLimits {
  /** That have not sent a whole request yet, or no other one since. */
  readonly waiting: number;
  /** That are being sent an answer, other than the stream. */
  readonly answering: number;
  /** Viewers of the stream. */
  readonly watching: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = { waiting: 64, answering: 64, watching: 128 };

/** Without a byte of an answer taken for so long a connection is ended, ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Bounds the connections of an HTTP server by what they do. All of them come from this machine, where no address tells a browser
 * from a program that opens a thousand: of those that wait, and of those that are slow to take an answer, the oldest makes room
 * for a new one, which a browser is done with long before.
 */
export class ConnectionBounds {
  /** In the order in which they became so. */
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

  /** The connection's answer is the stream, as long as that lasts. @returns Whether there is room for another viewer. */
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
    // Node ends the connection then, and sets its own timeout when the answer has been taken.
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
