import type { Contender } from '../contender.js';
import { readBodies, writeBody } from './frames.js';

/**
 * The yardstick: what the socket and the event loop cost by themselves. Length-prefixed frames, one write each, the
 * body never looked at; answers come in the order of the calls.
 */
export const echo: Contender = {
  name: 'bare echo',
  serve: (socket) => readBodies(socket, (body) => writeBody(socket, body)),
  connect: (socket) => {
    const waiting: ((body: Buffer) => void)[] = [];
    let answered = 0;
    readBodies(socket, (body) => {
      waiting[answered++]?.(body);
      if (answered === waiting.length) {
        waiting.length = 0;
        answered = 0;
      }
    });
    const body = Buffer.from(JSON.stringify({ id: 0, text: 'x'.repeat(64) }));
    return () => {
      writeBody(socket, body);
      return new Promise((resolve) => waiting.push(resolve));
    };
  },
};
