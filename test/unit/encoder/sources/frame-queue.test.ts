import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { FrameQueue } from '../../../../src/encoder/sources/frame-queue.js';
import { NutConnection } from './nut-connection.js';

const FRAME_BYTES = 6000;
const TICKS = 90_000;
const SLOT_TICKS = 3600;

describe('FrameQueue', () => {
  const open = (options: { frames?: number; limit: number; waits: boolean }) => {
    const pool = new FramePool(FRAME_BYTES, options.frames ?? options.limit + 1);
    const queue = new FrameQueue({ pool, ...options });
    const connection = new NutConnection(queue, TICKS);
    let sent = 0;
    return {
      pool,
      queue,
      connection,
      /** Sends frames that hold their number. */
      send: (count: number, bytes = FRAME_BYTES) => {
        for (let i = 0; i < count; i++) {
          connection.send({ ticks: sent * SLOT_TICKS, payload: Buffer.alloc(bytes, sent % 256) });
          sent += 1;
        }
      },
      shift: () => {
        const entry = queue.shift();
        if (entry === undefined) return undefined;
        const number = Math.round((entry.timestampS * TICKS) / SLOT_TICKS);
        assert.ok(entry.frame.bytes.every((byte) => byte === number % 256));
        entry.frame.release();
        return number;
      },
    };
  };

  it('has every frame, in order, and pauses its connection at the limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constant('shift' as const)), {
          maxLength: 60,
        }),
        (limit, events) => {
          const { queue, connection, send, shift } = open({ limit, waits: true });
          send(20);
          let expected = 0;
          for (const event of events) {
            if (event !== 'shift') connection.deliver(event);
            else if (queue.size > 0) assert.equal(shift(), expected++);
            assert.ok(queue.size <= limit);
            assert.equal(connection.pausedByReader, queue.size === limit);
          }
          assert.equal(queue.arrived, expected + queue.size);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('drops the oldest frames of a source that does not wait', () => {
    const { pool, queue, connection, send, shift } = open({ limit: 3, waits: false });
    send(10);
    connection.deliver();
    assert.equal(connection.pausedByReader, false);
    assert.equal(queue.arrived, 10);
    assert.equal(queue.lastS, (9 * SLOT_TICKS) / TICKS);
    assert.equal(pool.inUse, 3);
    assert.deepEqual([shift(), shift(), shift(), shift()], [7, 8, 9, undefined]);
    assert.equal(pool.inUse, 0);
  });

  it('pauses a source of which it turns out that it waits', () => {
    const { queue, connection, send, shift } = open({ limit: 3, waits: false });
    send(5);
    connection.deliver();
    queue.waits = true;
    send(5);
    connection.deliver();
    assert.equal(connection.pausedByReader, true);
    assert.equal(queue.size, 3);
    while (shift() !== undefined) connection.deliver();
    assert.equal(queue.arrived, 10);
  });

  it('reads past a frame of another size, and past one for which the pool has no memory', () => {
    const { pool, connection, send, shift } = open({ frames: 1, limit: 3, waits: true });
    send(1, FRAME_BYTES - 2);
    send(2);
    connection.deliver();
    assert.equal(shift(), 1);
    send(1);
    connection.deliver();
    assert.equal(shift(), 3);
    assert.equal(pool.inUse, 0);
  });

  it('says when each frame is due before it is taken', () => {
    const { queue, connection, send } = open({ limit: 3, waits: true });
    send(2);
    connection.deliver();
    assert.deepEqual(
      [0, 1, 2].map((index) => queue.timestampS(index)),
      [0, SLOT_TICKS / TICKS, undefined],
    );
    assert.equal(queue.peek()?.bytes[0], 0);
    assert.equal(queue.size, 2);
  });

  it('gives every frame back, in whatever order it is read, taken, closed, and its connection ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        fc.array(
          fc.oneof(
            { weight: 4, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
            { weight: 4, arbitrary: fc.constant('shift' as const) },
            fc.constantFrom('close' as const, 'end' as const, 'damage' as const, 'turn' as const),
          ),
          { maxLength: 30 },
        ),
        async (waits, frames, events) => {
          const { pool, queue, connection, send, shift } = open({ frames, limit: 3, waits });
          send(12);
          for (const event of events) {
            if (event === 'shift') shift();
            else if (event === 'close') queue.close();
            else if (event === 'end') connection.destroy();
            else if (event === 'damage') connection.send(Buffer.alloc(10, 255));
            else if (event === 'turn') await turn();
            else connection.deliver(event);
          }
          queue.close();
          await turn();
          assert.equal(queue.ended, true);
          assert.equal(queue.size, 0);
          assert.equal(pool.inUse, 0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps what has arrived when its connection ends in the middle of a frame', async () => {
    const { pool, queue, connection, send, shift } = open({ limit: 3, waits: true });
    send(2);
    connection.deliver(FRAME_BYTES * 1.5);
    assert.equal(pool.inUse, 2);
    connection.destroy();
    await turn();
    assert.equal(queue.ended, true);
    assert.equal(pool.inUse, 1);
    assert.equal(shift(), 0);
  });
});
