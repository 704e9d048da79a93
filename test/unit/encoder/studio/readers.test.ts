import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { FrameReader } from '../../../../src/encoder/sources/frame-reader.js';
import { PcmReader } from '../../../../src/encoder/sources/pcm-reader.js';
import { SocketPairs } from '../../../../src/encoder/sources/socket-pairs.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

describe('SocketPairs and FrameReader', () => {
  let pairs: SocketPairs;

  beforeEach(() => {
    pairs = new SocketPairs();
  });
  afterEach(() => pairs.dispose());

  const FRAME_BYTES = 300_000;

  it('read frames into the pool, whole and in order, and a few ahead', async () => {
    const pool = new FramePool(FRAME_BYTES, 8);
    const reader = new FrameReader(pool);
    const { near, far } = await pairs.open(reader.onread);
    reader.attach(near);
    const all = Buffer.concat(Array.from({ length: 10 }, (_, index) => Buffer.alloc(FRAME_BYTES, index + 1)));
    far.end(all);
    for (let index = 0; index < 10; index++) {
      await until(() => reader.size > 0);
      assert.ok(reader.size <= 3, `${reader.size} ahead`);
      const frame = reader.take();
      assert.ok(frame);
      assert.ok(frame.bytes.every((byte) => byte === index + 1));
      frame.release();
    }
    await until(() => reader.ended);
    assert.equal(reader.take(), undefined);
    assert.equal(pool.inUse, 0);
  });

  it('give back a frame that was not completed, and those that nobody took', async () => {
    const pool = new FramePool(FRAME_BYTES, 8);
    const reader = new FrameReader(pool);
    const { near, far } = await pairs.open(reader.onread);
    reader.attach(near);
    far.end(Buffer.alloc(FRAME_BYTES * 1.5));
    await until(() => reader.ended);
    assert.equal(pool.inUse, 1);
    reader.close();
    assert.equal(pool.inUse, 0);
  });

  it('lose frames that find no room, whole, and take those after them', async () => {
    const pool = new FramePool(FRAME_BYTES, 1);
    const reader = new FrameReader(pool);
    const taken = pool.acquire();
    const { near, far } = await pairs.open(reader.onread);
    reader.attach(near);
    far.write(Buffer.alloc(FRAME_BYTES, 1));
    await until(() => near.bytesRead === FRAME_BYTES);
    taken?.release();
    far.write(Buffer.alloc(FRAME_BYTES, 2));
    far.end(Buffer.alloc(FRAME_BYTES, 3));
    await until(() => reader.ended);
    const frame = reader.take();
    assert.ok(frame);
    assert.ok(frame.bytes.every((byte) => byte === frame.bytes[0]));
    assert.equal(frame.bytes[0], 3);
  });

  it('connect ends that belong together, also when many are asked for at once', async () => {
    const heard = Array.from({ length: 8 }, () => Buffer.alloc(1));
    const all = await Promise.all(heard.map((buffer) => pairs.open({ buffer, callback: () => true })));
    for (const [index, { far }] of all.entries()) far.write(Buffer.from([index + 1]));
    await until(() => heard.every((buffer) => buffer[0] !== 0));
    assert.deepEqual(
      heard.map((buffer) => buffer[0]),
      heard.map((_, index) => index + 1),
    );
    for (const { near, far } of all) {
      near.destroy();
      far.destroy();
    }
  });
});

describe('PcmReader', () => {
  it('has the bytes of the pipe in order, however they come and are taken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
        async (chunks, sizes) => {
          const pipe = new PassThrough();
          const reader = new PcmReader(pipe, 40);
          for (const chunk of chunks) pipe.write(Buffer.from(chunk));
          pipe.end();
          const all = Buffer.concat(chunks);
          const taken: Buffer[] = [];
          for (let i = 0; !(reader.ended && reader.size === 0); i++) {
            await turn();
            taken.push(Buffer.from(reader.take(sizes[i % sizes.length] ?? 1)));
          }
          assert.deepEqual(Buffer.concat(taken), all);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('stops reading at its limit', async () => {
    const pipe = new PassThrough({ highWaterMark: 10 });
    const reader = new PcmReader(pipe, 100);
    for (let i = 0; i < 50; i++) pipe.write(Buffer.alloc(10, i));
    for (let i = 0; i < 10; i++) await turn();
    assert.ok(reader.size >= 100 && reader.size <= 110, `${reader.size} bytes`);
    reader.take(60);
    for (let i = 0; i < 10; i++) await turn();
    assert.ok(reader.size >= 100 && reader.size <= 110, `${reader.size} bytes`);
    pipe.destroy();
  });
});
