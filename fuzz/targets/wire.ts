import { Duplex } from 'node:stream';

/** One end of a channel in memory: the test's side feeds it, and what it writes goes nowhere. */
export class Wire extends Duplex {
  /** What the other side has been sent, bytes. */
  writtenBytes = 0;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writtenBytes += chunk.length;
    done();
  }

  feed(bytes: Buffer): void {
    if (!this.destroyed && !this.readableEnded) this.push(bytes);
  }
}

/** Lets what has been fed be handled. */
export function turns(count: number): Promise<void> {
  return new Promise((resolve) => {
    const next = (left: number) => {
      if (left === 0) resolve();
      else setImmediate(next, left - 1);
    };
    next(count);
  });
}
