// biome-ignore-all lint/nursery/noFloatingPromises: fast-check returns a promise for asynchronous properties alone
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  findExcess,
  GENEROUS_LIMITS,
  isWithinDepth,
  type MessageLimits,
} from '../../../src/rpc/message-limits.js';

const LIMITS: MessageLimits = { maxBytes: 1024, maxDepth: 4, maxElements: 100 };

function excess(json: string, limits: Partial<MessageLimits> = {}): string | undefined {
  const before = Buffer.from('[[[[[[[[');
  const body = Buffer.from(json);
  const after = Buffer.from('[[[[[[[[');
  const all = Buffer.concat([before, body, after]);
  return findExcess(all, before.length, before.length + body.length, { ...LIMITS, ...limits });
}

/** Nesting depth of objects and arrays. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('findExcess', () => {
  it('accepts the maximum depth, and nothing deeper', () => {
    assert.equal(excess('{"a":[[{}]]}'), undefined);
    assert.equal(excess('{"a":[[{"b":[]}]]}'), 'nested deeper than 4');
    assert.equal(excess('{"a":[[[],[],[]],[{}]]}'), undefined, 'side by side is not deep');
  });

  it('counts elements of any type', () => {
    const list = (element: string, count: number) => `{"x":[${Array(count).fill(element).join(',')}]}`;
    assert.equal(excess(list('0', 90)), undefined);
    assert.equal(excess(list('0', 101)), 'made of more than 100 elements');
    assert.equal(excess(list('{}', 45)), undefined);
    assert.equal(excess(list('{}', 60)), 'made of more than 100 elements');
    assert.equal(excess(list('""', 45)), undefined);
    assert.equal(excess(list('""', 60)), 'made of more than 100 elements');
    const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":0`).join(',')}}`;
    assert.equal(excess(members(19)), undefined);
    assert.equal(excess(members(21)), 'made of more than 100 elements');
  });

  it('accepts as many elements as allowed, and not one more', () => {
    const list = (count: number) => `[${Array(count).fill('0').join(',')}]`;
    assert.equal(excess(list(100)), undefined);
    assert.equal(excess(list(101)), 'made of more than 100 elements');
  });

  it('ignores structure within a string', () => {
    assert.equal(excess(JSON.stringify({ text: '[[[[[[{{{{"\\",,,,::::'.repeat(20) })), undefined);
    assert.equal(
      excess('{"text":"\\\\","x":[[[[[]]]]]}'),
      'nested deeper than 4',
      'a text that ends in a backslash',
    );
  });

  it('reads no byte beyond the body, however it is cut', () => {
    for (const cut of ['"', '"abc', '"abc\\', '{"a":"', '{"a":[', '[[[['])
      assert.equal(excess(cut), undefined, cut);
  });

  it('agrees with the parser about the depth of any value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 12 })), (value) => {
        const depth = depthOf(value);
        const json = JSON.stringify(value);
        const at = (maxDepth: number) => excess(json, { maxDepth, maxElements: GENEROUS_LIMITS.maxElements });
        assert.equal(at(depth), undefined);
        assert.equal(at(depth - 1), `nested deeper than ${depth - 1}`);
      }),
    );
  });
});

describe('isWithinDepth', () => {
  it("agrees with findExcess on the value's text", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), fc.nat(12), (value, maxDepth) => {
        assert.equal(isWithinDepth(value, maxDepth), depthOf(value) <= maxDepth);
      }),
    );
  });

  it('does not recurse deeper than necessary', () => {
    const endless: unknown[] = [];
    endless.push(endless);
    assert.equal(isWithinDepth(endless, 64), false);
  });

  it('looks at the members of objects and the elements of lists, the last ones too', () => {
    for (const value of [[0, [[]]], { a: 0, b: { c: {} } }, [{ a: [] }]]) {
      assert.equal(isWithinDepth(value, 3), true);
      assert.equal(isWithinDepth(value, 2), false);
    }
    for (const value of [null, 'text', 5, undefined]) assert.equal(isWithinDepth(value, 0), true);
    assert.equal(isWithinDepth([], 0), false);
    assert.equal(isWithinDepth([], 1), true);
  });

  it('is 16 MiB, a depth of 256 and any number of elements for a peer that is trusted', () => {
    assert.deepEqual(GENEROUS_LIMITS, {
      maxBytes: 16_777_216,
      maxDepth: 256,
      maxElements: Number.POSITIVE_INFINITY,
    });
  });
});
