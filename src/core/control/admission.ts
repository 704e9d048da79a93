import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Disposable } from 'vscode-jsonrpc';
import { CONTROL_ADMITTED, CONTROL_BUSY, CONTROL_REFUSED } from '../../protocol/control.js';
import { readLine } from '../../rpc/read-line.js';

/** Clients that are served at a time: the core keeps descriptors for its outputs. */
const MAX_ADMITTED = 128;
/** Connections that have shown no token yet: beyond these the oldest makes room for a new one. */
const MAX_WAITING = 16;
/** One that is younger is left the time to send its token, ms, up to so many. */
const YOUNG_MS = 100;
const MAX_YOUNG = 256;
/** How long a client may take to show its token, ms. */
const GREETING_MS = 1000;

/**
 * Lets those clients of the control socket in that show the token. Those that have not shown it have few places of their own,
 * for a short time: however many there are, they take none from the others.
 */
export class Admission implements Disposable {
  /** By the time of their arrival, `performance.now()`; the oldest first. */
  private readonly waiting = new Map<Socket, number>();
  private readonly admitted = new Set<Socket>();
  private token: string | undefined;

  constructor(private readonly onAdmitted: (socket: Socket) => void) {}

  /** Until then nobody is let in. */
  begin(token: string): void {
    this.token = token;
  }

  async add(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.waiting.delete(socket);
      this.admitted.delete(socket);
    });
    this.waiting.set(socket, performance.now());
    this.makeRoom();
    const shown = await readLine(socket, GREETING_MS);
    this.waiting.delete(socket);
    if (socket.destroyed) return;
    if (this.token === undefined || shown === undefined || !isSame(shown, this.token)) {
      refuse(socket, CONTROL_REFUSED);
    } else if (this.admitted.size >= MAX_ADMITTED) {
      refuse(socket, CONTROL_BUSY);
    } else {
      this.admitted.add(socket);
      socket.write(`${CONTROL_ADMITTED}\n`);
      this.onAdmitted(socket);
    }
  }

  dispose(): void {
    for (const socket of [...this.waiting.keys(), ...this.admitted]) socket.destroy();
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

function refuse(socket: Socket, answer: string): void {
  socket.end(`${answer}\n`);
  socket.destroySoon();
}

/** Takes the same time whatever they have in common. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
