import assert from 'node:assert/strict';
import fc from 'fast-check';
import { REAL_TIME, SlotClock, type SlotTime } from '../../../../src/encoder/canvas/slot-clock.js';
import { FakeClock } from '../../../support/fake-clock.js';

describe('SlotClock', () => {
  let clock: FakeClock;
  let slots: { slot: number; atMs: number }[];
  let slotClock: SlotClock;

  function start(fps: number): void {
    slots = [];
    const startMs = performance.now();
    slotClock = new SlotClock({
      fps,
      onSlot: (slot) => slots.push({ slot, atMs: performance.now() - startMs }),
    });
    slotClock.start();
  }

  beforeEach(() => {
    clock = new FakeClock();
  });
  afterEach(() => {
    slotClock.dispose();
    clock.restore();
  });

  it('produces the first slot at once, and each one when it is due', () => {
    start(30);
    assert.deepEqual(slots, [{ slot: 0, atMs: 0 }]);
    for (let ms = 0; ms < 1000; ms++) clock.tick(1);
    assert.deepEqual(
      slots.map(({ slot }) => slot),
      Array.from({ length: 31 }, (_, slot) => slot),
    );
    for (const { slot, atMs } of slots) {
      const lateMs = atMs - (slot * 1000) / 30;
      assert.ok(lateMs >= -0.3 && lateMs < 1.1, `slot ${slot} is ${lateMs} ms late`);
    }
  });

  it('wakes once for each slot', () => {
    let slotsDue = 0;
    let looks = 0;
    const now = () => {
      looks += 1;
      return performance.now();
    };
    slotClock = new SlotClock({ fps: 30, onSlot: () => (slotsDue += 1), time: { ...REAL_TIME, now } });
    slotClock.start();
    for (let ms = 0; ms < 1000; ms++) clock.tick(1);
    // Two comparisons with the time and one timer.
    assert.equal(looks, 1 + 3 * slotsDue);
  });

  it('goes as fast as the time that it is given', () => {
    let last = 0;
    const time: SlotTime = {
      now: () => performance.now() * 10,
      after: (delayMs, step) => setTimeout(step, delayMs / 10),
    };
    slotClock = new SlotClock({ fps: 30, onSlot: (slot) => (last = slot), time });
    slotClock.start();
    let most = 0;
    for (let ms = 0; ms < 1000; ms++) {
      const before = last;
      clock.tick(1);
      most = Math.max(most, last - before);
    }
    assert.equal(last, 300);
    assert.equal(most, 1);
  });

  it('does not drift, at any rate', () => {
    for (const fps of [1, 24, 23.976, 29.97, 59.94, 120]) {
      start(fps);
      for (let second = 0; second < 600; second++) clock.tick(1000);
      assert.equal(slots.length, Math.floor(600 * fps + 1e-6) + 1);
      assert.equal(slotClock.slot, slots.length);
      slotClock.dispose();
    }
  });

  it('produces overdue slots at once, each exactly once, whatever holds it up', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2000 }), { maxLength: 20 }), (pauses) => {
        start(30);
        let sumMs = 0;
        for (const ms of pauses) {
          clock.jump(ms);
          sumMs += ms;
        }
        clock.tick(34);
        slotClock.dispose();
        assert.deepEqual(
          slots.map(({ slot }) => slot),
          slots.map((_, index) => index),
        );
        assert.ok(slots.length >= Math.floor((sumMs * 30) / 1000) + 1);
      }),
    );
  });

  it('stops within a slot', () => {
    let last = 0;
    slotClock = new SlotClock({
      fps: 30,
      onSlot: (slot) => {
        last = slot;
        if (slot === 5) slotClock.dispose();
      },
    });
    slotClock.start();
    clock.jump(1000);
    clock.tick(1000);
    assert.equal(last, 5);
    assert.equal(clock.pending, 0);
  });
});
