import assert from 'node:assert/strict';
import { instrument } from '../../../fuzz/coverage/instrument.js';

const SOURCE = `
  function f(x) {
    if (x > 2) return x > 3 ? x && (x > 4 ? 'five' : 'four') : 'three';
    else if (x === 2) { return 'two'; }
    else for (const y of [1]) if (y === x) return ((z) => z ?? 'none')('one');
    switch (x) { case 0: return (() => ({ a: 'zero' }))().a; default: return 'less'; }
  }
  export const all = [-1, 0, 1, 2, 3, 4, 5].map((x) => f(x));
`;

describe('code that counts its branches', () => {
  it('behaves as before, and reports each branch taken', async () => {
    const { code, count } = instrument(SOURCE, 100);
    const reached = new Set<number>();
    Object.assign(globalThis, { __hit: (block: number) => reached.add(block) });
    try {
      const { all } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
      assert.deepEqual(all, ['less', 'zero', 'one', 'two', 'three', 'four', 'five']);
    } finally {
      Reflect.deleteProperty(globalThis, '__hit');
    }
    // All but the right side of "??".
    assert.equal(reached.size, count - 1);
    assert.ok([...reached].every((block) => block >= 100 && block < 100 + count));
  });
});
