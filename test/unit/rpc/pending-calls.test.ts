import assert from 'node:assert/strict';
import { PendingCalls } from '../../../src/rpc/pending-calls.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('PendingCalls', () => {
  let clock: FakeClock;
  let calls: PendingCalls;
  let expired: (number | string)[];

  beforeEach(() => {
    clock = new FakeClock();
    expired = [];
    calls = new PendingCalls((id) => {
      expired.push(id);
      calls.cleanup(id);
    });
  });
  afterEach(() => {
    calls.dispose();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  function call(id: number, deadlineMs: number): void {
    calls.setDeadline(deadlineMs);
    calls.enableCancellation({ jsonrpc: '2.0', id, method: 'm' });
  }

  it('ends each call at its deadline, in whatever order they were made', async () => {
    call(1, 300);
    call(2, 100);
    call(3, 200);
    assert.equal(calls.size, 3);
    const until: [ms: number, expired: number[]][] = [
      [99, []],
      [100, [2]],
      [199, [2]],
      [200, [2, 3]],
      [300, [2, 3, 1]],
    ];
    for (const [ms, ids] of until) {
      clock.tick(ms - performance.now());
      await clock.settle();
      assert.deepEqual(expired, ids, `after ${ms} ms`);
    }
    assert.deepEqual([calls.size, calls.has(1)], [0, false]);
  });

  it('ends none before its time is whole', async () => {
    call(1, 99.5);
    clock.tick(99);
    await clock.settle();
    assert.deepEqual(expired, []);
    clock.tick(1);
    await clock.settle();
    assert.deepEqual(expired, [1]);
  });

  it('knows which calls wait, with one timer for all', () => {
    call(1, 100);
    call(2, 100);
    assert.deepEqual([calls.has(1), calls.has(3), clock.pending], [true, false, 1]);
    calls.cleanup(1);
    assert.deepEqual([calls.has(1), calls.size, clock.pending], [false, 1, 1]);
    calls.cleanup(2);
    call(3, 200);
    assert.deepEqual([calls.has(3), clock.pending], [true, 1]);
  });

  it('ends a call at its deadline that was made after all before it had ended', async () => {
    call(1, 100);
    calls.cleanup(1);
    clock.tick(50);
    call(2, 100);
    clock.tick(50);
    await clock.settle();
    assert.deepEqual([expired, calls.size], [[], 1]);
    clock.tick(50);
    await clock.settle();
    assert.deepEqual(expired, [2]);
  });

  it('hears an answer that comes in the turn in which a call is due', async () => {
    call(1, 100);
    clock.tick(100);
    calls.cleanup(1);
    await clock.settle();
    assert.deepEqual(expired, []);
  });

  it('never ends a call without a deadline', () => {
    call(1, Number.POSITIVE_INFINITY);
    assert.equal(clock.pending, 0);
    calls.cleanup(1);
  });
});
