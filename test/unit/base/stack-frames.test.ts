import assert from 'node:assert/strict';
import { foldStack, frameIn, stackWithCauses } from '../../../src/base/stack-frames.js';

const STACK = `TypeError: at least one
    at Object.<anonymous> (/bulkhead/host.cjs:1:1)
    at parse (/plugins/one/node_modules/json/index.js:2:2)
    at run (/plugins/one/src/a.ts:3:3)
    at process.processTicksAndRejections (node:internal/process/task_queues:1:1)
    at async file:///plugins/one/main.mjs:4:4`;

describe('a stack', () => {
  it('is folded to the frames that are neither our own nor those of Node', () => {
    assert.equal(
      foldStack(STACK, (frame) => frame.includes('/bulkhead/')),
      `TypeError: at least one
    at parse (/plugins/one/node_modules/json/index.js:2:2)
    at run (/plugins/one/src/a.ts:3:3)
    at async file:///plugins/one/main.mjs:4:4`,
    );
  });

  it('has an innermost frame in a folder, rather of its own code than of a package', () => {
    assert.equal(frameIn(STACK, '/plugins/one'), 'at run (/plugins/one/src/a.ts:3:3)');
    const packages = STACK.split('\n').slice(0, 3).join('\n');
    assert.match(frameIn(packages, '/plugins/one') ?? '', /^at parse /);
    assert.equal(frameIn(STACK, '/plugins/on'), undefined);
    assert.equal(frameIn('Error: in /plugins/one/main.mjs', '/plugins/one'), undefined);
    assert.equal(
      frameIn('Error\n    at file:///plugins/my%20one/main.mjs:1:1', '/plugins/my one'),
      'at file:///plugins/my%20one/main.mjs:1:1',
    );
  });

  it('is followed by those of the causes, other than what only carried the error', () => {
    const withStack = (message: string, cause?: unknown) =>
      Object.assign(new Error(message, { cause }), { stack: `stack of ${message}` });
    assert.equal(
      stackWithCauses(withStack('a', withStack('b', withStack('c')))),
      'stack of a\nCaused by: stack of b\nCaused by: stack of c',
    );
    assert.equal(stackWithCauses(withStack('a', withStack('a', withStack('b')))), 'stack of a');
    assert.equal(stackWithCauses(withStack('a', 'a text')), 'stack of a');
    const circle = withStack('a');
    circle.cause = withStack('b', circle);
    assert.equal(stackWithCauses(circle).split('\n').length, 9);
    const none = new RangeError('no stack');
    delete none.stack;
    assert.equal(stackWithCauses(none), 'RangeError: no stack');
  });
});
