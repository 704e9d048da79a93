import { RtmpConnection } from '../../../rtmp/rtmp-connection.js';
import { openSocket } from './open-socket.js';
import type { RtmpTarget } from './rtmp-target.js';

/** How long a server may take, ms. */
const ANSWER_MS = 2000;
const NOBODY = { onStatus: () => {}, onClosed: () => {}, onFlush: () => {}, onDrain: () => {} };

/**
 * Whether a server answers a new connection with RTMP's handshake. Publishes nothing. Never rejects.
 * @param address of the server, which is not looked up: while a network is interrupted, lookups of names occupy threads for seconds. Where its
 * name is given, the caller asks no more often than it is answered
 */
export async function answers(target: RtmpTarget, address: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const connection = new RtmpConnection(await openSocket(target, signal, address), NOBODY);
    const onTimeout = () => connection.dispose();
    signal.addEventListener('abort', onTimeout);
    try {
      await connection.handshake();
      return true;
    } finally {
      signal.removeEventListener('abort', onTimeout);
      connection.dispose();
    }
  } catch {
    return false;
  }
}
