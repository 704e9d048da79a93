import assert from 'node:assert/strict';
import { AckWatch } from '../../../src/rtmp/ack-watch.js';

describe('AckWatch', () => {
  let watch: AckWatch;

  beforeEach(() => {
    watch = new AckWatch(1000);
  });

  function acknowledge(...bytes: number[]): void {
    for (const taken of bytes) watch.acknowledged(taken, taken * 10);
  }

  it('knows whether any has come', () => {
    assert.equal(watch.any, false);
    acknowledge(1000);
    assert.equal(watch.any, true);
  });

  it('misses none of a server that has sent two at most', () => {
    acknowledge(1000, 2000);
    assert.equal(watch.overdueMs(1e9, 1e6), 0);
    acknowledge(3000);
    assert.equal(watch.overdueMs(1e9, 1e6), 1e6 - 30_000);
  });

  it('misses one after four times the usual distance', () => {
    acknowledge(1000, 2000, 3000);
    assert.equal(watch.overdueMs(6999, 40_000), 0);
    assert.equal(watch.overdueMs(7000, 40_000), 10_000);
  });

  it('takes the widest distance so far for the usual one', () => {
    acknowledge(500, 2500, 3000);
    assert.equal(watch.overdueMs(3000 + 7999, 60_000), 0);
    assert.equal(watch.overdueMs(3000 + 8000, 60_000), 30_000);
  });

  it('misses none where no more has been written', () => {
    watch = new AckWatch(0);
    acknowledge(1, 2, 3);
    assert.equal(watch.overdueMs(6, 100), 0);
  });
});
