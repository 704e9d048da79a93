import assert from 'node:assert/strict';
import { functionKey, putTogether, splitToken, takeApart } from '../../../src/extension-host/exports.js';

describe('what a plugin exports', () => {
  const call = async (path: readonly string[], args: readonly unknown[]) => [path, args];

  it('is taken apart into values and functions, and put together as calls', async () => {
    const api = {
      version: 2,
      text: { greet: (name: string) => `Hello, ${name}`, words: ['a', () => 'b'] },
      left: undefined,
      nothing: null,
    };
    const { data, functions } = takeApart(api);
    assert.deepEqual(JSON.parse(JSON.stringify(data)), {
      value: { version: 2, text: { words: ['a', null] }, nothing: null },
      functions: [
        ['text', 'greet'],
        ['text', 'words', '1'],
      ],
    });
    assert.equal(functions.get(functionKey(['text', 'greet']))?.(['you']), 'Hello, you');
    const remote = putTogether(JSON.parse(JSON.stringify(data)), call) as typeof api;
    assert.deepEqual([remote.version, remote.nothing, remote.text.words[0]], [2, null, 'a']);
    assert.deepEqual(await remote.text.greet('you'), [['text', 'greet'], ['you']]);
    assert.deepEqual(await (remote.text.words[1] as () => unknown)(), [['text', 'words', '1'], []]);
    for (const part of [remote, remote.text, remote.text.words, remote.text.greet]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  it('may be a function itself, or a plain value', async () => {
    const remote = putTogether(takeApart(() => 1).data, call) as () => unknown;
    assert.deepEqual(await remote(), [[], []]);
    assert.equal(putTogether(takeApart(5).data, call), 5);
  });

  it('has functions that keep their object', () => {
    const { functions } = takeApart({
      count: 1,
      next(this: { count: number }) {
        this.count += 1;
        return this.count;
      },
    });
    const next = functions.get(functionKey(['next']));
    assert.equal(next?.([]), 2);
    assert.equal(next?.([]), 3);
  });

  it('is refused, by its place, if it is neither', () => {
    class Counter {}
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const many = Array.from({ length: 201 }, () => () => 0);
    for (const [exported, code, message] of [
      [{ a: [new Map()] }, 'rpc.unencodable', 'exports.a[0] is a Map; pass Object.fromEntries() of it'],
      [new Counter(), 'rpc.unencodable', 'exports is a Counter'],
      [{ n: 1n }, 'rpc.unencodable', 'exports.n is a bigint'],
      [many, 'rpc.tooLarge', 'exports has more than 200 functions'],
      [circle, 'rpc.tooLarge', /^exports has more than 10 levels, as in exports\.self\.self/],
      [{ text: 'x'.repeat(65_536) }, 'rpc.tooLarge', /^exports has 65547 characters of JSON, of 65536$/],
      [{ ['n'.repeat(101)]: 1 }, 'rpc.tooLarge', /^exports\.n{20}…: expected at most 100 characters$/],
    ] as const) {
      assert.throws(() => takeApart(exported), { code, message });
    }
  });

  it('cannot reach beyond itself where a host lies', () => {
    const functions = [
      ['__proto__', 'polluted'],
      ['constructor', 'prototype', 'polluted'],
      ['text', 'polluted'],
    ];
    putTogether({ value: { text: 'a' }, functions }, call);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  it('is called with a token apart from the arguments', () => {
    const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
    assert.deepEqual(splitToken([1, token]), { args: [1], token });
    for (const args of [[], [null], [1, { isCancellationRequested: false }]]) {
      assert.deepEqual(splitToken(args), { args, token: undefined });
    }
  });
});
