import assert from 'node:assert/strict';
import { Suspects } from '../../../src/core/extension-hosts/hosts/suspects.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('suspects of a core crash', () => {
  let clock: FakeClock;
  let suspects: Suspects;
  let begun: string[];

  beforeEach(() => {
    clock = new FakeClock();
    begun = [];
  });

  afterEach(() => {
    suspects.dispose();
    clock.restore();
  });

  const start = (name: string) => ({
    begin: async () => {
      begun.push(name);
    },
  });
  const pass = async (ms: number) => {
    clock.tick(ms);
    await clock.settle();
  };

  it('are the plugins that were active, or only the one on trial', () => {
    suspects = new Suspects({ crashes: {}, active: ['a', 'b'], onTrial: [] });
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => suspects.has(id)),
      [true, true, false],
    );
    suspects.dispose();
    suspects = new Suspects({ crashes: {}, active: ['a', 'b'], onTrial: ['b'] });
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => suspects.has(id)),
      [false, true, false],
    );
  });

  it('have one more crash, which is counted once', () => {
    suspects = new Suspects({ crashes: { a: [10, 20], c: [30] }, active: ['a', 'b'], onTrial: [] }, 99);
    assert.deepEqual(suspects.takeCrashes(['a', 'b']), [10, 20, 99]);
    assert.deepEqual(suspects.takeCrashes(['c']), [30]);
    assert.deepEqual(suspects.takeCrashes(['a', 'b', 'c', 'd']), []);
  });

  it('start one at a time, once the stream is on air', async () => {
    suspects = new Suspects({ crashes: {}, active: ['a', 'b'], onTrial: [] });
    for (const id of ['a', 'b']) suspects.queueFor([id]).add(start(id));
    await pass(5000);
    assert.deepEqual([begun, suspects.onTrial], [[], []]);
    suspects.begin();
    await pass(0);
    assert.deepEqual([begun, suspects.onTrial], [['a'], ['a']]);
    await pass(2900);
    assert.deepEqual(begun, ['a']);
    await pass(100);
    assert.deepEqual([begun, suspects.onTrial], [['a', 'b'], ['b']]);
    await pass(3000);
    assert.deepEqual(suspects.onTrial, []);
  });

  it('do not wait forever for the stream', async () => {
    suspects = new Suspects({ crashes: {}, active: ['a'], onTrial: [] });
    suspects.queueFor(['a']).add(start('a'));
    await pass(14_900);
    assert.deepEqual(begun, []);
    await pass(100);
    assert.deepEqual(begun, ['a']);
  });

  it('are not started if they have been removed in the meantime or the core is ending', async () => {
    suspects = new Suspects({ crashes: {}, active: ['a', 'b', 'c'], onTrial: [] });
    const queues = new Map(
      ['a', 'b', 'c'].map((id) => [id, { queue: suspects.queueFor([id]), start: start(id) }]),
    );
    for (const { queue, start } of queues.values()) queue.add(start);
    for (const id of ['a', 'b']) queues.get(id)?.queue.remove(queues.get(id)?.start ?? start(''));
    suspects.begin();
    await pass(0);
    assert.deepEqual(begun, ['c']);
    suspects.dispose();
    await pass(10_000);
    assert.deepEqual(begun, ['c']);
  });
});
