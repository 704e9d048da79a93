import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { createApiClasses } from '../../../src/extension-host/api/api-classes.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { HostPair } from './host-pair.js';

describe("the classes of a plugin's API", () => {
  let reported: unknown[];
  let classes: ReturnType<typeof createApiClasses>;

  beforeEach(() => {
    reported = [];
    classes = createApiClasses((error) => reported.push(error));
  });

  describe('an EventEmitter', () => {
    it('calls its listeners in their order, with their `this`, until they or it are disposed of', () => {
      const emitter = new classes.EventEmitter<number>();
      const seen: string[] = [];
      const kept: { dispose(): unknown }[] = [];
      emitter.event(
        function (this: unknown, value) {
          seen.push(`${String(this)} ${value}`);
        },
        'first',
        kept,
      );
      const second = emitter.event((value) => seen.push(`second ${value}`));
      emitter.fire(1);
      second.dispose();
      emitter.fire(2);
      for (const each of kept) each.dispose();
      emitter.fire(3);
      assert.deepEqual(seen, ['first 1', 'second 1', 'first 2']);
      emitter.event(() => seen.push('late'));
      emitter.dispose();
      emitter.event(() => seen.push('later'));
      emitter.fire(4);
      assert.equal(seen.length, 3);
    });

    it('does not call one that another has removed, nor one that another has added', () => {
      const emitter = new classes.EventEmitter<void>();
      const seen: string[] = [];
      emitter.event(() => {
        second.dispose();
        emitter.event(() => seen.push('added'));
      });
      const second = emitter.event(() => seen.push('second'));
      emitter.fire();
      assert.deepEqual(seen, []);
    });

    it('reports what a listener throws, and calls the others', async () => {
      const emitter = new classes.EventEmitter<void>();
      let called = false;
      emitter.event(() => {
        throw new Error('at once');
      });
      emitter.event(async () => {
        throw new Error('later');
      });
      emitter.event(() => {
        called = true;
      });
      emitter.fire();
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(called);
      assert.deepEqual(reported.map(String), ['Error: at once', 'Error: later']);
    });
  });

  describe('a Disposable', () => {
    it('releases once', () => {
      let count = 0;
      const disposable = new classes.Disposable(() => count++);
      disposable.dispose();
      disposable.dispose();
      assert.equal(count, 1);
      assert.throws(() => new classes.Disposable(undefined as never), TypeError);
    });

    it('made of several disposes of all, the last one first, whatever they throw', () => {
      const order: number[] = [];
      const one = (id: number, fails = false) => ({
        dispose: () => {
          order.push(id);
          if (fails) throw new Error(`no ${id}`);
        },
      });
      assert.throws(() => classes.Disposable.from(one(1), one(2, true), one(3)).dispose(), /^Error: no 2$/);
      assert.deepEqual(order, [3, 2, 1]);
      assert.throws(() => classes.Disposable.from(one(1, true), one(2, true)).dispose(), AggregateError);
      assert.ok(classes.Disposable.from() instanceof classes.Disposable);
    });
  });

  describe('a CancellationTokenSource', () => {
    it('tells those who have its token, once, and those who ask later', async () => {
      const source = new classes.CancellationTokenSource();
      const { token } = source;
      const seen: string[] = [];
      token.onCancellationRequested(() => seen.push('early'));
      assert.equal(token.isCancellationRequested, false);
      source.cancel();
      source.cancel();
      assert.equal(token.isCancellationRequested, true);
      token.onCancellationRequested(() => seen.push('late'));
      token.onCancellationRequested(() => seen.push('removed')).dispose();
      assert.deepEqual(seen, ['early']);
      await Promise.resolve();
      assert.deepEqual(seen, ['early', 'late']);
    });

    it('follows its parent, and is not cancelled by being disposed of', () => {
      const parent = new classes.CancellationTokenSource();
      const child = new classes.CancellationTokenSource(parent.token);
      const disposed = new classes.CancellationTokenSource(parent.token);
      disposed.dispose();
      parent.cancel();
      assert.ok(child.token.isCancellationRequested);
      assert.equal(disposed.token.isCancellationRequested, false);
      assert.ok(new classes.CancellationTokenSource(parent.token).token.isCancellationRequested);
    });
  });

  it("report a listener's failure with the plugin's name, and name the class of Bulkhead's errors", () => {
    const pair = new HostPair();
    try {
      const { api } = pair.plugin('mine');
      const error: unknown = new BulkheadError(ErrorCodes.storageQuota, 'full', { where: 'mine' });
      assert.ok(
        error instanceof api.BulkheadError && error.code === 'storage.quota' && error.where === 'mine',
      );
      assert.ok(!(new Error('full') instanceof api.BulkheadError));
      const emitter = new api.EventEmitter<void>();
      emitter.event(() => {
        throw new Error('boom');
      });
      emitter.fire();
      assert.deepEqual(pair.reported, ['the plugin "mine" failed: a listener of an EventEmitter: boom']);
    } finally {
      pair.dispose();
    }
  });

  it('name every error code, and no other', () => {
    const source = readFileSync(join(packageRoot(), 'extension-api', 'src', 'errors.ts'), 'utf8');
    const listed = [...source.matchAll(/^ {2}\| '([\w.]+)'/gm)].map(([, code]) => code);
    assert.deepEqual(listed, Object.values(ErrorCodes));
  });
});
