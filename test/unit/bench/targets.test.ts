import assert from 'node:assert/strict';
import { atLeast, atMost, exactly, shown } from '../../../bench/support/targets.js';

describe('targets of benchmarks', () => {
  let before: typeof process.exitCode;

  beforeEach(() => {
    before = process.exitCode;
    process.exitCode = undefined;
  });
  afterEach(() => {
    process.exitCode = before;
  });

  it('are printed, and change nothing where they are met', () => {
    assert.equal(atMost(250, 250), '(target ≤ 250)');
    assert.equal(atLeast(0.6, 0.6), '(target ≥ 0.6)');
    assert.equal(exactly(0, 0), '(target 0)');
    assert.equal(shown(true, 'flat'), '(target flat)');
    assert.equal(process.exitCode, undefined);
  });

  for (const [name, miss, text] of [
    ['more than the most', () => atMost(250.1, 250), '(target ≤ 250: missed)'],
    ['less than the least', () => atLeast(0.59, 0.6), '(target ≥ 0.6: missed)'],
    ['another number', () => exactly(1, 0), '(target 0: missed)'],
    ['nothing', () => exactly(undefined, 1), '(target 1: missed)'],
    ['no number', () => atMost(Number.NaN, 1), '(target ≤ 1: missed)'],
  ] as const) {
    it(`are missed by ${name}, and the benchmark fails`, () => {
      assert.equal(miss(), text);
      assert.equal(process.exitCode, 1);
    });
  }
});
