import assert from 'node:assert/strict';
import { DisposableStore } from '../../../src/base/disposable-store.js';
import { setUnexpectedErrorHandler } from '../../../src/base/unexpected-error.js';

describe('DisposableStore', () => {
  let store: DisposableStore;
  let disposed: string[];
  const item = (name: string) => ({ dispose: () => disposed.push(name) });

  beforeEach(() => {
    store = new DisposableStore();
    disposed = [];
  });

  it('returns added items, and disposes of them once, in order', () => {
    const first = item('first');
    assert.equal(store.add(first), first);
    store.add(item('second'));
    store.dispose();
    store.dispose();
    assert.deepEqual(disposed, ['first', 'second']);
  });

  it('disposes of what it was made with, before what is added', () => {
    const other = new DisposableStore([item('first'), item('second')]);
    other.add(item('third'));
    other.dispose();
    assert.deepEqual(disposed, ['first', 'second', 'third']);
  });

  it('disposes immediately of items added later', () => {
    store.dispose();
    store.add(item('late'));
    assert.deepEqual(disposed, ['late']);
  });

  it('can be used again after it was cleared', () => {
    store.add(item('before'));
    store.clear();
    assert.deepEqual(disposed, ['before']);
    store.add(item('after'));
    assert.deepEqual(disposed, ['before']);
    store.clear();
    assert.deepEqual(disposed, ['before', 'after']);
  });

  it('disposes of the others if one throws, and reports the error', () => {
    const errors: unknown[] = [];
    const handler = setUnexpectedErrorHandler((error) => errors.push(error));
    try {
      const failure = new Error('it cannot be disposed of');
      store.add(item('first'));
      store.add({
        dispose: () => {
          throw failure;
        },
      });
      store.add(item('last'));
      store.dispose();
      assert.deepEqual(disposed, ['first', 'last']);
      assert.deepEqual(errors, [failure]);
    } finally {
      handler.dispose();
    }
  });

  it('disposes of items added during disposal', () => {
    store.add({ dispose: () => void store.add(item('added')) });
    store.clear();
    assert.deepEqual(disposed, []);
    store.dispose();
    assert.deepEqual(disposed, ['added']);
  });
});
