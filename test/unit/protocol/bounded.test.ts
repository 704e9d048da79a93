import assert from 'node:assert/strict';
import * as z from 'zod';
import { boundedList, boundedRecord, boundedTree, firstMistake } from '../../../src/protocol/bounded.js';

/** The schema's result, and how many elements it has checked for that. */
function judge(
  make: (item: z.ZodType) => z.ZodType,
  value: unknown,
): { mistake: string | undefined; looks: number } {
  let looks = 0;
  const item = z.custom((element) => {
    looks += 1;
    return typeof element === 'number';
  }, 'expected a number');
  const result = make(item).safeParse(value);
  return { mistake: result.success ? undefined : firstMistake(result.error), looks };
}

describe('a bounded list', () => {
  const list = (item: z.ZodType) => boundedList(item, 3);

  it('accepts the maximum number, and checks each', () => {
    assert.deepEqual(judge(list, [1, 2, 3]), { mistake: undefined, looks: 3 });
    assert.deepEqual(judge(list, [1, 'x']), { mistake: '1: expected a number', looks: 2 });
  });

  it('checks none of too many', () => {
    assert.deepEqual(judge(list, Array(1000).fill('x')), {
      mistake: 'expected at most 3 entries, got 1000',
      looks: 0,
    });
    assert.deepEqual(judge(list, { length: 2 }), {
      mistake: 'Invalid input: expected array, received object',
      looks: 0,
    });
  });
});

describe('a bounded record', () => {
  const record = (item: z.ZodType) => boundedRecord(item, 2);

  it('accepts the maximum number, and checks none of too many', () => {
    assert.deepEqual(judge(record, { a: 1, b: 2 }), { mistake: undefined, looks: 2 });
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, 'x']));
    assert.deepEqual(judge(record, many), { mistake: 'expected at most 2 entries, got 1000', looks: 0 });
    assert.equal(judge(record, [1]).looks, 0);
  });
});

describe('a bounded tree', () => {
  const tree = (item: z.ZodType) => boundedTree(z.object({ a: z.array(item), b: z.array(item) }), 5);

  it('counts its elements on every level', () => {
    assert.deepEqual(judge(tree, { a: [1, 2], b: [3] }), { mistake: undefined, looks: 3 });
    assert.deepEqual(judge(tree, { a: [1, 2], b: [3, 4] }), {
      mistake: 'expected at most 5 values in all',
      looks: 0,
    });
    assert.equal(judge(tree, 7).mistake, 'Invalid input: expected object, received number');
  });
});

describe('the description of a mistake', () => {
  it('is short, whatever was sent', () => {
    const { error } = z.strictObject({}).safeParse({ ['x'.repeat(10_000)]: 1 });
    assert.ok(error !== undefined && firstMistake(error).length <= 301);
  });
});
