import assert from 'node:assert/strict';
import { Lookups } from '../../../src/network-gate/lookups.js';

const ADDRESS = [{ address: '192.0.2.1' }];

describe('the lookups of a door', () => {
  let begun: string[];
  let answers: ((found: typeof ADDRESS) => void)[];
  let lookups: Lookups;

  beforeEach(() => {
    begun = [];
    answers = [];
    lookups = new Lookups((name) => {
      begun.push(name);
      return new Promise((resolve) => answers.push(resolve));
    });
  });

  function find(name: string) {
    const abortion = new AbortController();
    return { abortion, found: lookups.find(name, abortion.signal) };
  }

  it('are three at a time, and the others in their order', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => find(name).found);
    assert.deepEqual(begun, ['a', 'b', 'c']);
    answers[1]?.(ADDRESS);
    assert.deepEqual(await all[1], ['192.0.2.1']);
    all.push(find('f').found);
    assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
    answers[3]?.(ADDRESS);
    await all[3];
    answers[0]?.(ADDRESS);
    await all[0];
    assert.deepEqual(begun, ['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('leave the queue when they are aborted', async () => {
    const [first, , , fourth, fifth] = ['a', 'b', 'c', 'd', 'e'].map(find);
    fourth?.abortion.abort();
    await assert.rejects(fourth?.found ?? Promise.resolve(), { name: 'AbortError' });
    answers[0]?.(ADDRESS);
    await first?.found;
    answers[3]?.(ADDRESS);
    assert.deepEqual(await fifth?.found, ['192.0.2.1']);
    assert.deepEqual(begun, ['a', 'b', 'c', 'e']);
  });

  it('count as abandoned while they go on though they are aborted', async () => {
    const { abortion, found } = find('a');
    assert.equal(lookups.abandoned, 0);
    abortion.abort();
    assert.equal(lookups.abandoned, 1);
    answers[0]?.(ADDRESS);
    await found;
    assert.equal(lookups.abandoned, 0);
    await assert.rejects(lookups.find('b', abortion.signal), { name: 'AbortError' });
    assert.deepEqual(begun, ['a']);
  });
});
