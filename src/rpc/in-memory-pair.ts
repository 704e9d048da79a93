import { Duplex } from 'node:stream';

/** Two ends of one channel within a process: data written to one end is read from the other one turn later. */
export function createInMemoryPair(): [Duplex, Duplex] {
  const left = new InMemoryEnd();
  const right = new InMemoryEnd();
  left.peer = right;
  right.peer = left;
  return [left, right];
}

class InMemoryEnd extends Duplex {
  peer: InMemoryEnd | undefined;
  /** Continues the peer's pending write when this end is read. */
  private resumePeer: (() => void) | undefined;

  override _read(): void {
    const resume = this.resumePeer;
    this.resumePeer = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    setImmediate(() => {
      const peer = this.peer;
      if (peer === undefined || peer.destroyed || peer.push(chunk)) done();
      else peer.resumePeer = done;
    });
  }

  override _final(done: () => void): void {
    setImmediate(() => {
      this.peer?.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this._read();
    const peer = this.peer;
    setImmediate(() => {
      if (peer !== undefined && !peer.destroyed && !peer.readableEnded) peer.push(null);
    });
    done(error);
  }
}
