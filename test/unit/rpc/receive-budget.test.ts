import assert from 'node:assert/strict';
import { ReceiveBudget } from '../../../src/rpc/receive-budget.js';

const LIMITS = { bytesPerSecond: 1000, cpuMsPerSecond: 100, burstMs: 500, patienceMs: 3000 };

describe('ReceiveBudget', () => {
  it('lets a burst through, then slows the peer to its bytes a second', () => {
    const budget = new ReceiveBudget(LIMITS, 0);
    assert.equal(budget.charge(500, 0, 0), 0);
    assert.equal(budget.charge(250, 0, 0), 250);
    assert.equal(budget.charge(100, 0, 250), 100);
    assert.equal(budget.charge(100, 0, 1000), 0, 'what has leaked may be used again');
  });

  it('charges time or bytes, whichever costs more', () => {
    const budget = new ReceiveBudget(LIMITS, 0);
    assert.equal(budget.charge(10, 60, 0), 100);
    assert.equal(new ReceiveBudget(LIMITS, 0).charge(600, 10, 0), 100);
  });

  it('keeps no credit beyond the burst', () => {
    const budget = new ReceiveBudget(LIMITS, 0);
    assert.equal(budget.charge(1000, 0, 60_000), 500);
  });

  it('reports a flood when a peer keeps it full for longer than its patience', () => {
    const budget = new ReceiveBudget(LIMITS, 0);
    let nowMs = 0;
    while (nowMs < 3000) {
      nowMs += budget.charge(600, 0, nowMs);
      assert.equal(budget.isFlooded(nowMs), nowMs > 3000);
    }
    assert.equal(budget.isFlooded(nowMs), true);
  });

  it('is patient for exactly as long as it says', () => {
    const budget = new ReceiveBudget(LIMITS, 0);
    budget.charge(100_000, 0, 10);
    assert.equal(budget.isFlooded(3010), false);
    assert.equal(budget.isFlooded(3011), true);
  });

  it('takes what fills it exactly, and is half empty only below the half', () => {
    const budget = new ReceiveBudget(LIMITS, 0);
    assert.equal(budget.charge(500, 0, 0), 0);
    assert.equal(budget.charge(1, 0, 0), 1);
    budget.charge(0, 0, 251);
    assert.equal(budget.isFlooded(4000), true, 'it was never below half');
    budget.charge(0, 0, 252);
    assert.equal(budget.isFlooded(4000), false);
  });

  it('resets the flood timer when it has become half empty', () => {
    const budget = new ReceiveBudget(LIMITS, 0);
    assert.ok(budget.charge(600, 0, 0) > 0);
    budget.charge(0, 0, 400);
    assert.equal(budget.isFlooded(4000), false);
    assert.ok(budget.charge(600, 0, 4000) > 0);
    assert.equal(budget.isFlooded(6000), false);
  });

  it('begins now, empty', () => {
    const budget = new ReceiveBudget(LIMITS);
    assert.equal(budget.charge(500, 0), 0);
    assert.ok(budget.charge(1000, 0) > 500);
    assert.equal(budget.isFlooded(), false);
  });
});
