import type { Socket } from 'node:net';
import type { Disposable } from 'vscode-jsonrpc';
import { readLine } from './read-line.js';

/** Connections that have sent no line yet: beyond these the oldest makes room for a new one. */
const MAX_WAITING = 16;
/** One that is younger is left the time to send its line, ms, up to so many. */
const YOUNG_MS = 100;
const MAX_YOUNG = 256;
/** How long a connection may take to send its line, ms. */
const GREETING_MS = 1000;

/**
 * Reads the line with which a connection shows who it is. Those that have not sent it have few places of their own, for a short
 * time: however many there are, they take none from the others.
 */
export class FirstLines implements Disposable {
  /** By the time of their arrival, `performance.now()`; the oldest first. */
  private readonly waiting = new Map<Socket, number>();

  /**
   * @param onLine takes the connection over. The line is undefined when it was too long or did not come in time. It is not
   * called for a connection that has closed.
   */
  constructor(private readonly onLine: (socket: Socket, line: string | undefined) => void) {}

  async add(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.waiting.delete(socket));
    this.waiting.set(socket, performance.now());
    this.makeRoom();
    const line = await readLine(socket, GREETING_MS);
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
