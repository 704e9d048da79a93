import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { SocketWriter } from '../../../src/rtmp/socket-writer.js';
import { FakeClock } from '../../support/fake-clock.js';

const BATCH = 32 * 1024;

/** A socket that takes a batch when the test says so. */
class Gate extends Writable {
  readonly batches: Buffer[] = [];
  private done: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.hold([bytes], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.hold(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  take(): void {
    const { done } = this;
    this.done = undefined;
    done?.();
  }

  private hold(chunks: Buffer[], done: () => void): void {
    this.batches.push(Buffer.concat(chunks));
    this.done = done;
  }
}

describe('SocketWriter', () => {
  let clock: FakeClock;
  let socket: Gate;
  let writer: SocketWriter;
  let events: string[];

  beforeEach(() => {
    clock = new FakeClock();
    socket = new Gate();
    events = [];
    writer = new SocketWriter(
      socket,
      () => events.push('flush'),
      () => events.push('drain'),
    );
  });
  afterEach(() => {
    socket.destroy();
    clock.restore();
  });

  const sizes = () => socket.batches.map(({ length }) => length);
  const state = () => {
    const { busy, idle, backlogBytes, bytesTaken } = writer;
    return { busy, idle, backlogBytes, bytesTaken };
  };

  it('passes on data written in one turn together', async () => {
    assert.deepEqual(state(), { busy: false, idle: true, backlogBytes: 0, bytesTaken: 0 });
    for (const text of ['one', 'two', 'three']) writer.write(Buffer.from(text));
    assert.deepEqual(state(), { busy: false, idle: false, backlogBytes: 11, bytesTaken: 0 });
    await clock.settle();
    assert.deepEqual(socket.batches.map(String), ['onetwothree']);
    assert.deepEqual(state(), { busy: true, idle: false, backlogBytes: 11, bytesTaken: 0 });
    socket.take();
    await clock.settle();
    assert.deepEqual(state(), { busy: false, idle: true, backlogBytes: 0, bytesTaken: 11 });
    assert.deepEqual(events, ['flush', 'drain']);
  });

  it('is busy with a single byte', async () => {
    writer.write(Buffer.from('x'));
    await clock.settle();
    assert.equal(writer.busy, true);
    writer.write(Buffer.from('y'));
    await clock.settle();
    assert.deepEqual(socket.batches.map(String), ['x']);
  });

  it('queues data until the socket has accepted the previous data', async () => {
    writer.write(Buffer.from('first'));
    await clock.settle();
    writer.write(Buffer.from('second'));
    writer.write(Buffer.from('third'));
    await clock.settle();
    assert.deepEqual(socket.batches.map(String), ['first']);
    assert.equal(writer.backlogBytes, 16);
    socket.take();
    await clock.settle();
    assert.deepEqual(socket.batches.map(String), ['first', 'secondthird']);
    assert.deepEqual(events, ['flush', 'flush'], 'it is not drained yet');
    socket.take();
    await clock.settle();
    assert.deepEqual([writer.bytesTaken, events.at(-1)], [16, 'drain']);
  });

  it('hands on batches of 32 KiB at most, and is busy while as much waits', async () => {
    writer.write(Buffer.alloc(BATCH - 1));
    assert.equal(writer.busy, false);
    writer.write(Buffer.alloc(BATCH + 2));
    assert.equal(writer.busy, true);
    for (let n = 0; n < 3; n++) {
      await clock.settle();
      socket.take();
    }
    await clock.settle();
    assert.deepEqual(sizes(), [BATCH, BATCH, 1]);
    assert.deepEqual(state(), { busy: false, idle: true, backlogBytes: 0, bytesTaken: 2 * BATCH + 1 });
  });

  it('knows how long the socket has taken nothing though there was something', async () => {
    clock.tick(1000);
    assert.equal(writer.stalledMs(performance.now()), 0);
    writer.write(Buffer.alloc(BATCH + 1));
    await clock.settle();
    clock.tick(300);
    assert.equal(writer.stalledMs(performance.now()), 300);
    socket.take();
    await clock.settle();
    clock.tick(20);
    assert.equal(writer.stalledMs(performance.now()), 20, 'it has taken the first batch meanwhile');
    socket.take();
    await clock.settle();
    assert.equal(writer.stalledMs(performance.now()), 0);
  });

  it('writes nothing to a socket that has ended or is gone', async () => {
    for (const over of [() => socket.end(), () => socket.destroy()]) {
      writer.write(Buffer.from('x'));
      over();
      await clock.settle();
      assert.deepEqual([sizes(), events], [[], []]);
    }
  });

  it('writes what it was given, in order, however long the pieces are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 2 * BATCH }), { maxLength: 8 }),
        async (lengths) => {
          const own = new Gate();
          const sender = new SocketWriter(
            own,
            () => {},
            () => {},
          );
          const pieces = lengths.map((length, n) => Buffer.alloc(length, n + 1));
          for (const piece of pieces) sender.write(piece);
          for (let n = 0; n < 20; n++) {
            await new Promise((resolve) => setImmediate(resolve));
            own.take();
          }
          assert.ok(Buffer.concat(own.batches).equals(Buffer.concat(pieces)));
          assert.ok(own.batches.every(({ length }) => length <= BATCH));
          own.destroy();
        },
      ),
      { numRuns: 30 },
    );
  });
});
