import type { Socket } from 'node:net';
import type { Disposable } from 'vscode-jsonrpc';
import { readLine } from './read-line.js';

/** Connections that have sent no line yet: beyond this number the oldest is closed to make room for a new one. */
const MAX_WAITING = 16;
/** Connections younger than this, ms, are not closed to make room, up to the second number. */
const YOUNG_MS = 100;
const MAX_YOUNG = 256;
/** How long a connection may take to send its line, ms. */
const FIRST_LINE_MS = 1000;

/**
 * Reads the line with which a connection identifies itself. Connections that have not sent it have a small number of slots of
 * their own, for a short time, so that they cannot exhaust those of the others.
 */
export class FirstLines implements Disposable {
  /** By time of arrival, `performance.now()`; oldest first. */
  private readonly waiting = new Map<Socket, number>();

  /**
   * @param onLine takes over the connection. The line is undefined if it was too long or did not arrive in time. Not called for
   * a connection that has closed.
   */
  constructor(private readonly onLine: (socket: Socket, line: string | undefined) => void) {}

  async add(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy());
    this.waiting.set(socket, performance.now());
    this.makeRoom();
    const line = await readLine(socket, FIRST_LINE_MS);
    this.waiting.delete(socket);
    if (!socket.destroyed) this.onLine(socket, line);
  }

  dispose(): void {
    for (const socket of this.waiting.keys()) socket.destroy();
  }

  private makeRoom(): void {
    const now = performance.now();
    for (const [socket, arrivedMs] of this.waiting) {
      const { size } = this.waiting;
      if (size <= MAX_WAITING || (size <= MAX_YOUNG && now - arrivedMs < YOUNG_MS)) return;
      this.waiting.delete(socket);
      socket.destroy();
    }
  }
}
