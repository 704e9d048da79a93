import assert from 'node:assert/strict';
import { PaceWatch } from '../../../src/core/stubs/pace-watch.js';

/** The watch's reports for these frame rates, each for ten seconds, updated once a second. */
function watch(...rates: number[]): (number | undefined)[] {
  const pace = new PaceWatch(30);
  let frames = 1;
  let nowMs = 500;
  pace.take(frames, nowMs);
  return rates.map((rate) => {
    let said: number | undefined;
    for (let second = 0; second < 10; second++) {
      frames += rate;
      nowMs += 1000;
      said = pace.take(frames, nowMs) ?? said;
    }
    return said;
  });
}

describe('PaceWatch', () => {
  it('reports nothing for an encoder that keeps up', () => {
    assert.deepEqual(watch(30, 29, 31, 30), [undefined, undefined, undefined, undefined]);
  });

  it('reports an encoder that is slow from the start once', () => {
    assert.deepEqual(watch(18, 18, 17), [18, undefined, undefined]);
  });

  it('reports it again if it has kept up in between', () => {
    assert.deepEqual(watch(30, 20, 30, 10), [undefined, 20, undefined, 10]);
  });
});
