import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { CONTROL_ADMITTED, CONTROL_REFUSED } from '../../protocol/control.js';
import { readLine } from '../../rpc/read-line.js';

/** How long a client may take to show its token, ms. */
const GREETING_MS = 2000;

/** Lets a client of the control socket in that shows the token, and closes the connection of any other. */
export async function admitClient(socket: Socket, token: string): Promise<boolean> {
  const shown = await readLine(socket, GREETING_MS);
  if (socket.destroyed) return false;
  if (shown !== undefined && isSame(shown, token)) {
    socket.write(`${CONTROL_ADMITTED}\n`);
    return true;
  }
  socket.end(`${CONTROL_REFUSED}\n`);
  socket.destroySoon();
  return false;
}

/** Takes the same time whatever they have in common. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
