import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../../src/base/disposable-store.js';
import { Emitter, type EmitterOptions, listenerCount } from '../../../src/base/event.js';
import { setUnexpectedErrorHandler } from '../../../src/base/unexpected-error.js';

describe('an event', () => {
  let unexpected: unknown[];
  let handler: Disposable;

  const emitters = new DisposableStore();
  const emitterOf = <T>(options?: EmitterOptions) => emitters.add(new Emitter<T>(options));

  beforeEach(() => {
    unexpected = [];
    handler = setUnexpectedErrorHandler((error) => unexpected.push(error));
  });

  afterEach(() => {
    emitters.clear();
    handler.dispose();
  });

  it('calls its listeners in the order of their registration, each with the value', () => {
    const emitter = emitterOf<number>();
    const heard: string[] = [];
    emitter.event((value) => heard.push(`a${value}`));
    emitter.event((value) => heard.push(`b${value}`));
    emitter.fire(1);
    emitter.fire(2);
    assert.deepEqual(heard, ['a1', 'b1', 'a2', 'b2']);
  });

  it('reports errors of a listener, and still calls the others', () => {
    const emitter = emitterOf<void>();
    const failure = new Error('listener');
    let calls = 0;
    emitter.event(() => {
      throw failure;
    });
    emitter.event(() => calls++);
    emitter.fire();
    emitter.fire();
    assert.equal(calls, 2);
    assert.deepEqual(unexpected, [failure, failure]);
  });

  it('handles a handler of unexpected errors that throws itself', () => {
    const emitter = emitterOf<void>();
    const broken = setUnexpectedErrorHandler(() => {
      throw new Error('the handler fails');
    });
    const stderr = sinon.stub(process.stderr, 'write');
    let calls = 0;
    emitter.event(() => {
      throw new Error('listener');
    });
    emitter.event(() => calls++);
    try {
      emitter.fire();
    } finally {
      stderr.restore();
      broken.dispose();
    }
    assert.equal(calls, 1);
    assert.match(String(stderr.args[0]?.[0]), /^Unexpected error: Error: the handler fails\n/);
  });

  it('removes only one listener, even if the same function was added twice', () => {
    const emitter = emitterOf<void>();
    let calls = 0;
    const listener = () => calls++;
    const first = emitter.event(listener);
    emitter.event(listener);
    first.dispose();
    first.dispose();
    emitter.fire();
    assert.equal(calls, 1);
  });

  it('does not call a listener that was removed or added during the event', () => {
    const emitter = emitterOf<void>();
    const heard: string[] = [];
    emitter.event(() => {
      removed.dispose();
      if (heard.length === 0) emitter.event(() => heard.push('added'));
      heard.push('first');
    });
    const removed = emitter.event(() => heard.push('removed'));
    emitter.fire();
    assert.deepEqual(heard, ['first']);
    emitter.fire();
    assert.deepEqual(heard, ['first', 'first', 'added']);
  });

  it('calls no listener once it is disposed of, even during an event', () => {
    const emitter = emitterOf<void>();
    let calls = 0;
    emitter.event(() => emitter.dispose());
    const second = emitter.event(() => calls++);
    emitter.fire();
    emitter.fire();
    second.dispose();
    emitter.event(() => calls++).dispose();
    emitter.fire();
    assert.equal(calls, 0);
  });

  it('calls its owner for the first listener and at the end of the last', () => {
    const steps: string[] = [];
    const emitter = emitterOf<void>({
      onFirstListenerAdd: () => steps.push('first'),
      onLastListenerRemove: () => steps.push('last'),
    });
    const listeners = [emitter.event(() => {}), emitter.event(() => {})];
    for (const listener of listeners) listener.dispose();
    emitter.event(() => {}).dispose();
    assert.deepEqual(steps, ['first', 'last', 'first', 'last']);
  });

  it('reports once that listeners are added and never removed', () => {
    const emitter = emitterOf<void>();
    for (let i = 0; i < 600; i++) emitter.event(() => {}).dispose();
    assert.deepEqual(unexpected, []);
    for (let i = 0; i < 600; i++) emitter.event(() => {});
    assert.equal(unexpected.length, 1);
    assert.match(String(unexpected[0]), /501 listeners/);
  });

  it('counts the listeners of all emitters', () => {
    const before = listenerCount();
    const one = emitterOf<void>();
    const two = emitterOf<void>();
    const first = one.event(() => {});
    one.event(() => {});
    two.event(() => {});
    assert.equal(listenerCount(), before + 3);
    first.dispose();
    first.dispose();
    assert.equal(listenerCount(), before + 2);
    one.dispose();
    one.dispose();
    assert.equal(listenerCount(), before + 1);
    one.event(() => {});
    assert.equal(listenerCount(), before + 1);
  });
});
