import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyChange } from '../../../src/scenes/apply-change.js';

const entry = (id: string, more: object = {}) => ({ id, ...more });

describe('a change that is made to something else', () => {
  for (const [what, from, to, onto, expected] of [
    [
      'is the change itself where nothing else has changed',
      { a: 1, b: 2 },
      { a: 3 },
      { a: 1, b: 2 },
      { a: 3 },
    ],
    [
      'leaves what else has changed',
      { a: 1, b: 2 },
      { a: 3, b: 2 },
      { a: 1, b: 5, c: 6 },
      { a: 3, b: 5, c: 6 },
    ],
    ['leaves what has changed since of the same', { a: 1 }, { a: 2 }, { a: 3 }, { a: 3 }],
    ['removes and adds members', { a: 1, b: 2 }, { b: 2, c: 3 }, { a: 1, b: 4 }, { b: 4, c: 3 }],
    [
      'leaves a member that was changed since it was added',
      { a: { x: 1 }, b: 0 },
      { b: 0 },
      { a: { x: 2 }, b: 0 },
      { a: { x: 2 }, b: 0 },
    ],
    [
      'goes into entries by their ids',
      [entry('a', { x: 1 }), entry('b', { x: 1 })],
      [entry('a', { x: 2 }), entry('b', { x: 1 })],
      [entry('new'), entry('a', { x: 1, y: 5 }), entry('b', { x: 9 })],
      [entry('new'), entry('a', { x: 2, y: 5 }), entry('b', { x: 9 })],
    ],
    [
      'adds an entry behind the one that it was behind, and removes another one',
      [entry('a'), entry('c'), entry('d')],
      [entry('a'), entry('b'), entry('d')],
      [entry('x'), entry('a'), entry('c'), entry('d'), entry('y')],
      [entry('x'), entry('a'), entry('b'), entry('d'), entry('y')],
    ],
    [
      'moves entries where nobody else has',
      [entry('a', { x: 1 }), entry('b')],
      [entry('b'), entry('a', { x: 1 })],
      [entry('a', { x: 2 }), entry('b')],
      [entry('b'), entry('a', { x: 2 })],
    ],
    ['takes lists without ids as one', [1, 2], [1, 2, 3], [1], [1]],
  ] as const) {
    it(what, () => assert.deepEqual(applyChange<unknown>(from, to, onto), expected));
  }

  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.integer({ min: 0, max: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('any'), { maxKeys: 3, noNullPrototype: true }),
      fc.uniqueArray(
        fc.record({ id: fc.constantFrom('x', 'y', 'z'), v: tie('any') }, { noNullPrototype: true }),
        {
          selector: ({ id }) => id,
          maxLength: 3,
        },
      ),
    ),
  })).any;

  it('is all of it where nothing else has changed, and nothing where it changes nothing', () => {
    fc.assert(
      fc.property(value, value, (from, to) => {
        assert.deepEqual(applyChange(from, to, structuredClone(from)), to);
        assert.deepEqual(applyChange(from, structuredClone(from), to), to);
      }),
    );
  });
});
