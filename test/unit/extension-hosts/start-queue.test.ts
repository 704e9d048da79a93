import assert from 'node:assert/strict';
import { StartQueue } from '../../../src/core/extension-hosts/hosts/start-queue.js';

describe('the queue of starting hosts', () => {
  /** Records when it begins, and ends on request. */
  function start(name: string, begun: string[]) {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    return {
      begin: () => {
        begun.push(name);
        return ended;
      },
      end,
    };
  }

  it('starts a few at once, the others in order, and skips removed ones', async () => {
    const begun: string[] = [];
    const queue = new StartQueue(2);
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((name) => start(name, begun)) as [
      ReturnType<typeof start>,
      ReturnType<typeof start>,
      ReturnType<typeof start>,
      ReturnType<typeof start>,
      ReturnType<typeof start>,
    ];
    for (const one of [a, b, c, d, e]) queue.add(one);
    assert.deepEqual(begun, ['a', 'b']);
    assert.equal(queue.remove(c), true);
    assert.equal(queue.remove(a), false);
    b.end();
    await new Promise(setImmediate);
    assert.deepEqual(begun, ['a', 'b', 'd']);
    a.end();
    await new Promise(setImmediate);
    assert.deepEqual(begun, ['a', 'b', 'd', 'e']);
  });
});
