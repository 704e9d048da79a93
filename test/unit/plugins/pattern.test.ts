import assert from 'node:assert/strict';
import { PatternMatcher } from '../../../src/plugins/pattern.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('patterns of plugins', () => {
  let clock: FakeClock;
  let tested: string[];

  beforeEach(() => {
    clock = new FakeClock();
    tested = [];
  });
  afterEach(() => clock.restore());

  /** Each test takes so long, and nothing matches. */
  const slowMatcher = (ms: number) =>
    new PatternMatcher((pattern, texts) => {
      tested.push(pattern);
      clock.tick(ms);
      return texts.map(() => false);
    });
  const texts = new Set(['a', 'b']);

  it('tell the texts that do not match', () => {
    const misses = new PatternMatcher().misses('^a+$', new Set(['a', 'b', 'aa', 'ab', '']));
    assert.deepEqual(misses, new Set(['b', 'ab', '']));
  });

  it('are not tried again after a time in all, however short each one is', () => {
    const matcher = slowMatcher(30);
    const misses = Array.from({ length: 1000 }, () => matcher.misses('a', texts).size);
    assert.deepEqual(misses.slice(0, 5), [2, 2, 2, 2, 0]);
    assert.equal(tested.length, 4);
    clock.tick(3_600_000);
    assert.equal(matcher.misses('a', texts).size, 0);
  });

  it('are not tried again after one that does not end', () => {
    const matcher = new PatternMatcher((pattern) => {
      tested.push(pattern);
      throw new Error('timed out');
    });
    for (let count = 0; count < 3; count += 1) assert.equal(matcher.misses('a', texts).size, 0);
    assert.deepEqual(tested, ['a']);
  });

  it('have a time for all of them, a part of which comes back', () => {
    const matcher = slowMatcher(90);
    for (let count = 0; count < 100; count += 1) matcher.misses(`pattern ${count}`, texts);
    assert.deepEqual(tested, ['pattern 0', 'pattern 1', 'pattern 2']);
    clock.tick(10_000);
    assert.equal(matcher.misses('another', texts).size, 2);
  });

  it('are tried for as long as they take little time', () => {
    const matcher = slowMatcher(1);
    for (let count = 0; count < 1000; count += 1) {
      assert.equal(matcher.misses('a', texts).size, 2);
      clock.tick(1000);
    }
  });
});
