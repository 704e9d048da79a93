import assert from 'node:assert/strict';
import { AckWatch } from '../../../src/rtmp/ack-watch.js';

describe('AckWatch', () => {
  let watch: AckWatch;

  beforeEach(() => {
    watch = new AckWatch(1000);
  });

  function acknowledge(...bytes: number[]): void {
    for (const taken of bytes) watch.acknowledged(taken, taken, taken * 10);
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

  it('knows what the server has once three numbers in a row have grown', () => {
    acknowledge(1000, 2000);
    assert.equal(watch.receivedBytes, undefined);
    acknowledge(3000);
    assert.equal(watch.receivedBytes, 3000);
  });

  it('believes no numbers that stay, exceed what was sent, or are far behind it', () => {
    for (const numbers of [
      [1000, 1000, 1000, 1000],
      [5000, 10_000, 20_000, 40_000],
      [1, 2, 3, 4],
    ]) {
      watch = new AckWatch(1000);
      for (const [n, number] of numbers.entries())
        watch.acknowledged(number, (n + 1) * (number < 10 ? 10e6 : 1000), n);
      assert.equal(watch.receivedBytes, undefined, String(numbers));
    }
  });

  it('goes on where a server begins to count again, and beyond 32 bits', () => {
    acknowledge(1000, 2000, 3000);
    for (const number of [500, 1500, 2500, 3500]) watch.acknowledged(number, 4000 + number, 0);
    assert.equal(watch.receivedBytes, 6000);

    watch = new AckWatch(1000);
    for (const bytes of [2 ** 32 - 1000, 2 ** 32, 2 ** 32 + 500])
      watch.acknowledged(bytes % 2 ** 32, bytes, 0);
    assert.equal(watch.receivedBytes, 2 ** 32 + 500);
  });

  it('misses none where no more has been written', () => {
    watch = new AckWatch(0);
    acknowledge(1, 2, 3);
    assert.equal(watch.overdueMs(6, 100), 0);
  });
});
