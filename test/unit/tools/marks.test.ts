import assert from 'node:assert/strict';
import fc from 'fast-check';
import { drawMarks, MOST_NUMBERS, readMarks, SQUARES } from '../../support/marks.js';

describe('the marks of a test clip', () => {
  const anyMarks = fc.record({ number: fc.nat(MOST_NUMBERS - 1), flash: fc.boolean() });

  it('are read as they were drawn, whatever an encoder adds', () => {
    const noise = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: SQUARES, maxLength: SQUARES });
    fc.assert(
      fc.property(anyMarks, noise, (marks, added) => {
        const squares = drawMarks(marks).map((value, at) =>
          Math.min(255, Math.max(0, value + (added[at] ?? 0))),
        );
        assert.deepEqual(readMarks(squares), { ...marks });
      }),
    );
  });

  it('are not read from a frame without any', () => {
    for (const brightness of [0, 16, 128, 235, 255]) {
      assert.equal(readMarks(new Uint8Array(SQUARES).fill(brightness)), undefined);
    }
  });

  it('are not read when one square of the number is damaged', () => {
    fc.assert(
      fc.property(anyMarks, fc.integer({ min: 2, max: 17 }), (marks, at) => {
        const squares = drawMarks(marks);
        squares[at] = (squares[at] ?? 0) > 128 ? 16 : 235;
        assert.equal(readMarks(squares), undefined);
      }),
    );
  });
});
