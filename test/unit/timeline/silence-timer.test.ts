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

  /** With 1200 ms it checks every 100 ms. */
  function start(afterMs = 1200): void {
    calls = [];
    // The fake clock runs an immediate 1 ms later.
    timer = new SilenceTimer(afterMs, () => calls.push(performance.now() - 1));
  }

  /** The times of the callbacks until then. */
  function callsUntil(ms: number): readonly number[] {
    clock.tick(ms - performance.now());
    return calls;
  }

  it('calls back once after its wait without a touch', () => {
    start();
    assert.deepEqual(callsUntil(1199), []);
    assert.deepEqual(callsUntil(10_000), [1200]);
  });

  it('checks twelve times during its wait, every 10 to 250 ms', () => {
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

  it('restarts the wait from the first check after a touch', () => {
    start();
    clock.tick(1150);
    timer.touch();
    assert.deepEqual(callsUntil(2399), []);
    assert.deepEqual(callsUntil(10_000), [2400]);
    timer.touch();
    assert.deepEqual(callsUntil(20_000), [2400, 11_300]);
  });

  it('counts a late check, up to half a second, as silence', () => {
    start();
    clock.jump(600);
    assert.deepEqual(callsUntil(5000), [1200]);
  });

  it('treats a later one as a stall of this process, and waits at least half of the time', () => {
    start();
    clock.jump(601);
    const stalled = performance.now();
    assert.deepEqual(callsUntil(stalled + 1150), []);
    assert.equal(callsUntil(5000).length, 1);
  });

  it('gives half of the wait to a peer that may have been stopped too', () => {
    start();
    clock.tick(1100);
    clock.jump(60_000);
    const stalled = performance.now();
    assert.deepEqual(callsUntil(stalled + 550), []);
    assert.equal(callsUntil(stalled + 650).length, 1);
  });

  it('gives the event loop a turn before the callback, which a touch may cancel', () => {
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
