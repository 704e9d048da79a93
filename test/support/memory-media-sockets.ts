import type { Writable } from 'node:stream';
import type { MediaSocket, MediaSockets } from '../../src/core/media-sockets/media-sockets.js';
import { RunSocket } from '../../src/core/media-sockets/run-socket.js';
import type { MediaAddress } from '../../src/protocol/encoder.js';
import { createInMemoryPair } from '../../src/rpc/in-memory-pair.js';

/** In-memory media sockets: they take one turn of the event loop, independent of a test's clock. */
export class MemoryMediaSockets implements MediaSockets {
  private readonly awaited = new Map<string, RunSocket>();
  private count = 0;
  /** Set to make opening a socket fail from now on. */
  obstacle: Error | undefined;

  /** Number of runs with a socket that have neither connected nor ended. */
  get waiting(): number {
    return this.awaited.size;
  }

  open(): MediaSocket {
    this.count += 1;
    const token = `token-${this.count}`;
    const { obstacle } = this;
    const address =
      obstacle === undefined ? Promise.resolve({ path: 'memory', token }) : Promise.reject(obstacle);
    const run = new RunSocket(address, () => this.awaited.delete(token));
    this.awaited.set(token, run);
    return run;
  }

  /** The sender's end. */
  connect({ token }: MediaAddress): Writable {
    const run = this.awaited.get(token);
    if (run === undefined) throw new Error(`nobody waits for ${token}`);
    this.awaited.delete(token);
    const [near, far] = createInMemoryPair();
    // Like a real socket.
    near.once('end', () => near.destroy());
    run.accept(near);
    return far.resume();
  }
}
