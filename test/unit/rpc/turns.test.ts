import assert from 'node:assert/strict';
import sinon, { type SinonFakeTimers } from 'sinon';
import { turns } from '../../../src/rpc/turns.js';

describe('turns', () => {
  let timers: SinonFakeTimers;

  beforeEach(() => {
    timers = sinon.useFakeTimers({ toFake: ['setImmediate', 'clearImmediate'] });
    // What other tests have spent.
    turns.spend(1);
    timers.runAll();
  });
  afterEach(() => {
    timers.runAll();
    timers.restore();
  });

  it('has four milliseconds in each turn for all together', () => {
    assert.equal(turns.leftMs, 4);
    turns.spend(1);
    turns.spend(1.5);
    assert.equal(turns.leftMs, 1.5);
    assert.equal(timers.countTimers(), 1, 'one next turn, however often time is spent');
    timers.runAll();
    assert.equal(turns.leftMs, 4);
    assert.equal(timers.countTimers(), 0);
  });

  it('takes what short turns have spent into the next ones, without an end of each', () => {
    turns.spend(0.25);
    assert.deepEqual([turns.leftMs, timers.countTimers()], [3.75, 0]);
    turns.spend(0.5);
    assert.deepEqual([turns.leftMs, timers.countTimers()], [3.25, 1]);
    timers.runAll();
    assert.equal(turns.leftMs, 4);
  });

  it('leaves nothing to others while somebody waits', () => {
    turns.wait(() => {});
    assert.equal(turns.leftMs, 0);
    timers.runAll();
    assert.equal(turns.leftMs, 4);
  });

  it('serves those that wait in their order, as many as a turn has time for', () => {
    const served: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      turns.wait(() => {
        served.push(name);
        turns.spend(2);
        if (name === 'a') turns.wait(() => served.push('e'));
      });
    }
    assert.equal(timers.countTimers(), 1);
    timers.next();
    assert.deepEqual(served, ['a', 'b']);
    assert.equal(timers.countTimers(), 1);
    timers.next();
    assert.deepEqual(served, ['a', 'b', 'c', 'd']);
    timers.next();
    assert.deepEqual(served, ['a', 'b', 'c', 'd', 'e']);
    timers.runAll();
    assert.equal(timers.countTimers(), 0);
  });
});
