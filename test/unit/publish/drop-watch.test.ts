import assert from 'node:assert/strict';
import { DropWatch } from '../../../src/core/publish/queue/drop-watch.js';

/** What is said when so many frames are dropped in each second, looked at four times a second. */
function watch(...drops: number[]): (boolean | undefined)[] {
  const watched = new DropWatch();
  let dropped = 100;
  let nowMs = 5000;
  watched.take(dropped, nowMs);
  return drops.map((more) => {
    let said: boolean | undefined;
    for (let quarter = 0; quarter < 4; quarter++) {
      if (quarter === 2) dropped += more;
      nowMs += 250;
      said = watched.take(dropped, nowMs) ?? said;
    }
    return said;
  });
}

describe('DropWatch', () => {
  const nothing = (count: number) => Array<undefined>(count).fill(undefined);

  it('says nothing while nothing is dropped, nor of a hiccup', () => {
    assert.deepEqual(watch(...Array(20).fill(0)), nothing(20));
    assert.deepEqual(watch(0, 90, 90, 90, ...Array(10).fill(0), 90, 0), nothing(16));
  });

  it('finds one that drops again and again, though not in each second', () => {
    assert.deepEqual(watch(10, 0, 10, 0, 10, 0, 10, 0), [...nothing(6), true, undefined]);
  });

  it('says that it is over when nothing was dropped for ten seconds, and finds it again', () => {
    assert.deepEqual(watch(5, 5, 5, 5, 5, ...Array(10).fill(0), 5, 5, 5, 5), [
      ...[...nothing(3), true, undefined],
      ...[...nothing(9), false],
      ...[...nothing(3), true],
    ]);
  });
});
