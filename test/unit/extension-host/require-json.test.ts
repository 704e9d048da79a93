import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { requireJson } from '../../../src/extension-host/require-json.js';

class Viewer {
  readonly name = 'x';
}

describe('what is passed between processes', () => {
  it('is JSON, also if it was made in another realm', () => {
    const shared = { a: 1 };
    for (const value of [
      ...[undefined, null, '', 0, -1.5, true, [], {}, [undefined], { a: undefined }],
      ...[Object.create(null), { a: { b: [[{ c: 'text' }]] } }, [shared, shared]],
      runInNewContext('({ a: [1, {}] })'),
    ])
      requireJson(value, 'args');
  });

  for (const [value, what] of [
    [new Date(0), 'args is a Date; pass its toISOString() or getTime()'],
    [{ when: new Date(0) }, 'args.when is a Date; pass its toISOString() or getTime()'],
    [[1, { 'a b': new Map() }], 'args[1]["a b"] is a Map; pass Object.fromEntries() of it'],
    [new Set(), 'args is a Set; pass a list of it'],
    [{ run() {} }, 'args.run is a function'],
    [[Symbol('x')], 'args[0] is a symbol'],
    [{ n: 1n }, 'args.n is a bigint'],
    [{ n: Number.NaN }, 'args.n is NaN'],
    [[Number.POSITIVE_INFINITY], 'args[0] is Infinity'],
    [new Viewer(), 'args is a Viewer'],
    [new (class {})(), 'args is a class instance'],
    [new Error('x'), 'args is an Error; pass its message'],
    [Buffer.from('x'), 'args is a Buffer; pass text, for example in base64'],
    [Promise.resolve(), 'args is a Promise; pass what it resolves to'],
    [new URL('http://x'), 'args is a URL; pass its href'],
    [runInNewContext('new Map()'), 'args is a Map; pass Object.fromEntries() of it'],
  ] as const) {
    it(`is not: ${what}`, () => {
      assert.throws(() => requireJson(value, 'args'), { code: 'rpc.unencodable', message: what });
    });
  }

  it('leaves what is circular or too deep to the channel', () => {
    const circle: unknown[] = [];
    circle.push(circle, circle);
    requireJson(circle, 'args');
    let deep: unknown = new Date();
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    requireJson(deep, 'args');
  });
});
