import assert from 'node:assert/strict';
import fc from 'fast-check';
import { triangleFilter } from '../../../../src/encoder/compositor/scale-filter.js';

const SUM = 16_384;
const whole = (from: number, to: number, phase = 0.5) => ({ from, to, first: 0, count: to, phase });

describe('triangleFilter', () => {
  it('takes each sample as it is where the size stays', () => {
    assert.deepEqual(triangleFilter(whole(4, 4), SUM), {
      taps: 1,
      starts: [0, 1, 2, 3],
      weights: [SUM, SUM, SUM, SUM],
    });
    assert.equal(triangleFilter(whole(4, 4, 0.25), SUM).taps, 1);
  });

  it('is a triangle of two samples of the result', () => {
    assert.deepEqual(triangleFilter({ ...whole(16, 8), first: 3, count: 1 }, 16), {
      taps: 4,
      starts: [5],
      weights: [2, 6, 6, 2],
    });
    assert.deepEqual(triangleFilter({ ...whole(9, 3), first: 1, count: 1 }, 9), {
      taps: 5,
      starts: [2],
      weights: [1, 2, 3, 2, 1],
    });
  });

  it('is bilinear where the result is larger, and continues beyond the edges', () => {
    assert.deepEqual(triangleFilter(whole(2, 4), 4), {
      taps: 2,
      starts: [0, 0, 0, 0],
      weights: [4, 0, 3, 1, 1, 3, 0, 4],
    });
  });

  it('lays chroma above the left one of two samples of luma', () => {
    // The result's second one is at 1.25 of its samples, and so at 2.5 of the source's less the quarter.
    assert.deepEqual(triangleFilter({ ...whole(8, 4, 0.25), first: 1, count: 1 }, 16), {
      taps: 4,
      starts: [1],
      weights: [3, 7, 5, 1],
    });
  });

  it('has whole weights with this very sum, and lies where the sample does', () => {
    const axis = fc.record({
      from: fc.integer({ min: 1, max: 300 }),
      to: fc.integer({ min: 1, max: 300 }),
      phase: fc.constantFrom(0.5, 0.25),
      sum: fc.constantFrom(256, SUM),
    });
    fc.assert(
      fc.property(axis, ({ from, to, phase, sum }) => {
        const { taps, starts, weights } = triangleFilter(whole(from, to, phase), sum);
        assert.deepEqual([starts.length, weights.length], [to, to * taps]);
        assert.ok(taps <= Math.ceil(2 * Math.max(1, from / to)));
        for (const [index, start] of starts.entries()) {
          const own = weights.slice(index * taps, (index + 1) * taps);
          assert.ok(start >= 0 && start + taps <= from);
          assert.ok(own.every((weight) => weight >= 0 && Number.isInteger(weight)));
          assert.equal(
            own.reduce((all, weight) => all + weight, 0),
            sum,
          );
          const centre = ((index + phase) * from) / to - phase;
          const radius = Math.max(1, from / to);
          if (centre - radius < 0 || centre + radius > from - 1) continue;
          const mean = own.reduce((all, weight, tap) => all + weight * (start + tap), 0) / sum;
          // Rounding moves it by less than the taps' own error.
          assert.ok(Math.abs(mean - centre) <= taps / sum + radius / 10, `${mean} is not ${centre}`);
        }
      }),
    );
  });

  it('has the weights of a part as of the whole', () => {
    const all = triangleFilter(whole(90, 40), SUM);
    const part = triangleFilter({ from: 90, to: 40, first: 11, count: 20, phase: 0.5 }, SUM);
    assert.equal(part.taps, all.taps);
    assert.deepEqual(part.starts, all.starts.slice(11, 31));
    assert.deepEqual(part.weights, all.weights.slice(11 * all.taps, 31 * all.taps));
  });
});
