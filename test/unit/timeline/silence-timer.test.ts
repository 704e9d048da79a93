import assert from 'node:assert/strict';
import type { SinonFakeTimers } from 'sinon';
import { SilenceTimer } from '../../../src/core/timeline/silence-timer.js';
import { fakeClock } from './stage.js';

describe('SilenceTimer', () => {
  let clock: SinonFakeTimers;
  let timer: SilenceTimer;
  let calls: number[];

  beforeEach(() => {
    clock = fakeClock();
  });
  afterEach(() => {
    timer.dispose();
    assert.equal(clock.countTimers(), 0);
    clock.restore();
  });

  /** With 1200 ms it looks every 100 ms. */
  function start(afterMs = 1200): void {
    calls = [];
    // The fake clock runs an immediate 1 ms later.
    timer = new SilenceTimer(afterMs, () => calls.push(performance.now() - 1));
  }

  /** What is called until then: the clock's time of each call. */
  function callsUntil(ms: number): readonly number[] {
    clock.tick(ms - performance.now());
    return calls;
  }

  it('calls back once, when nothing has been heard for so long', () => {
    start();
    assert.deepEqual(callsUntil(1199), []);
    assert.deepEqual(callsUntil(10_000), [1200]);
  });

  it('looks twelve times in its wait, every 10 to 250 ms', () => {
    for (const [afterMs, calledAtMs] of [
      [61, 70],
      [119, 120],
      [600, 600],
      [6001, 6250],
    ] as const) {
      clock.restore();
      clock = fakeClock();
      start(afterMs);
      assert.deepEqual(callsUntil(20_000), [calledAtMs], `of ${afterMs} ms`);
      timer.dispose();
    }
  });

  it('waits anew from the first look after something was heard', () => {
    start();
    clock.tick(1150);
    timer.touch();
    assert.deepEqual(callsUntil(2399), []);
    assert.deepEqual(callsUntil(10_000), [2400]);
    timer.touch();
    assert.deepEqual(callsUntil(20_000), [2400, 11_300]);
  });

  it('counts a late look, up to half a second, as silence', () => {
    start();
    clock.jump(600);
    assert.deepEqual(callsUntil(5000), [1200]);
  });

  it('takes a later one for a stall of this process, and waits for half of the time at least', () => {
    start();
    clock.jump(601);
    const stalled = performance.now();
    assert.deepEqual(callsUntil(stalled + 1150), []);
    assert.equal(callsUntil(5000).length, 1);
  });

  it('gives half of the wait to what may have stood still too', () => {
    start();
    clock.tick(1100);
    clock.jump(60_000);
    const stalled = performance.now();
    assert.deepEqual(callsUntil(stalled + 550), []);
    assert.equal(callsUntil(stalled + 650).length, 1);
  });

  it('lets the event loop have a turn before it calls back, in which it may still hear something', () => {
    start();
    while (performance.now() < 1200) clock.next();
    assert.equal(calls.length, 0);
    timer.touch();
    assert.deepEqual(callsUntil(2400), []);
    assert.equal(callsUntil(2600).length, 1);
  });

  it('does not call back when it is disposed of in that turn', () => {
    start();
    while (performance.now() < 1200) clock.next();
    timer.dispose();
    assert.deepEqual(callsUntil(5000), []);
  });
});
