import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';

describe('createInMemoryPair', () => {
  it('transfers bytes both ways and ends like a socket', async () => {
    const [left, right] = createInMemoryPair();
    left.write('from left, ');
    left.end('and done');
    right.end('from right');
    assert.deepEqual(await Promise.all([text(left), text(right)]), ['from right', 'from left, and done']);
  });

  it('blocks a writer whose peer does not read', async () => {
    const [left, right] = createInMemoryPair();
    const chunk = Buffer.alloc(64 * 1024);
    let written = 0;
    while (left.writableLength < 1024 * 1024) {
      left.write(chunk, () => {
        written += 1;
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(written <= 2, `${written} chunks were taken by nobody`);
    right.resume();
    await once(left, 'drain');
    left.destroy();
    right.destroy();
  });

  it('completes a write whose peer has closed', async () => {
    const [left, right] = createInMemoryPair();
    right.destroy();
    await new Promise<void>((resolve) => left.write('to nobody', () => resolve()));
    left.destroy();
  });

  it('ends one side when the other is destroyed, after what was written', async () => {
    const [left, right] = createInMemoryPair();
    left.write('last words');
    await new Promise((resolve) => setImmediate(resolve));
    left.destroy();
    assert.equal(await text(right), 'last words');
  });
});
