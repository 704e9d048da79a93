import assert from 'node:assert/strict';
import { withDeadline } from '../../../src/base/with-deadline.js';
import { FakeClock } from '../../support/fake-clock.js';

const never = new Promise<never>(() => {});
const late = () => 'late';

describe('withDeadline', () => {
  let clock: FakeClock;

  beforeEach(() => {
    clock = new FakeClock();
  });

  afterEach(() => {
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  it('returns a value that arrives in time', async () => {
    assert.equal(await withDeadline(Promise.resolve('done'), 100, late), 'done');
  });

  it('rejects like the promise', async () => {
    await assert.rejects(withDeadline(Promise.reject(new Error('it failed')), 100, late), /it failed/);
  });

  it('returns what `late` returns at the deadline, and not before', async () => {
    let result: string | undefined;
    const waiting = withDeadline(never, 100, late).then((value) => {
      result = value;
    });
    await clock.pass(99);
    assert.equal(result, undefined);
    await clock.pass(1);
    assert.equal(result, 'late');
    await waiting;
  });

  it('throws what `late` throws', async () => {
    const waiting = withDeadline(never, 100, () => {
      throw new Error('no answer');
    });
    const rejected = assert.rejects(waiting, /no answer/);
    await clock.pass(100);
    await rejected;
  });

  it('keeps waiting if `late` returns the promise', async () => {
    let end: (how: string) => void = () => {};
    const work = new Promise<string>((resolve) => {
      end = resolve;
    });
    const waiting = withDeadline(work, 100, () => {
      setTimeout(() => end('ended'), 50);
      return work;
    });
    await clock.pass(150);
    assert.equal(await waiting, 'ended');
  });

  it('ignores a promise that rejects after the deadline', async () => {
    let fail: (error: Error) => void = () => {};
    const work = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    const waiting = withDeadline(work, 100, late);
    await clock.pass(100);
    assert.equal(await waiting, 'late');
    fail(new Error('too late'));
    await clock.settle();
  });

  it('does not call `late` when the promise has settled in time', async () => {
    let called = false;
    await withDeadline(Promise.resolve(), 100, () => {
      called = true;
    });
    await clock.pass(200);
    assert.equal(called, false);
  });
});
