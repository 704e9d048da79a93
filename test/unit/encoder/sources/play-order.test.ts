import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LISTED_ORDER, type PlayOrder, shuffledOrder } from '../../../../src/encoder/sources/play-order.js';

const itemsOf = (order: PlayOrder, items: number, round: number) =>
  Array.from({ length: items }, (_, place) => order.itemAt(round, place));
const ROUND = fc.integer({ min: 0, max: 2 ** 31 + 1000 });

describe('the order of a playlist', () => {
  it('is that of the list, unless it is shuffled', () => {
    assert.deepEqual(itemsOf(LISTED_ORDER, 4, 7), [0, 1, 2, 3]);
    assert.equal(LISTED_ORDER.placeOf(7, 2), 2);
  });

  it('has each item once in a round, and none twice in a row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), ROUND, (items, round) => {
        const order = shuffledOrder(items);
        const [one, next] = [itemsOf(order, items, round), itemsOf(order, items, round + 1)];
        assert.deepEqual(
          [...one].sort((a, b) => a - b),
          itemsOf(LISTED_ORDER, items, 0),
        );
        if (items > 1) assert.notEqual(one.at(-1), next[0]);
        for (const [place, item] of one.entries()) assert.equal(order.placeOf(round, item), place);
      }),
    );
  });

  it('follows from the round alone, so that another process continues it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), ROUND, (items, round) => {
        const long = shuffledOrder(items);
        for (const before of [3, 2, 1]) long.itemAt(Math.max(0, round - before), 0);
        assert.deepEqual(itemsOf(long, items, round), itemsOf(shuffledOrder(items), items, round));
      }),
    );
  });

  it('differs from round to round, and has every item at every place', () => {
    const order = shuffledOrder(6);
    const rounds = Array.from({ length: 1000 }, (_, round) => itemsOf(order, 6, round));
    const different = rounds.filter((one, round) => String(one) !== String(rounds[round + 1]));
    assert.ok(different.length > 990, `${different.length}`);
    for (let place = 0; place < 6; place += 1) {
      for (let item = 0; item < 6; item += 1) {
        const times = rounds.filter((one) => one[place] === item).length;
        assert.ok(times > 100 && times < 250, `${item} at ${place}: ${times}`);
      }
    }
  });

  it('does not end with an item that is not there any more', () => {
    assert.equal(shuffledOrder(3).placeOf(5, 9), 0);
  });
});
