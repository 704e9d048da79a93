import assert from 'node:assert/strict';
import sinon from 'sinon';
import { MediaWatchdog, type MediaWatchdogOptions } from '../../../src/core/timeline/media-watchdog.js';
import { type BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';

describe('MediaWatchdog', () => {
  let clock: sinon.SinonFakeTimers;
  let watchdog: MediaWatchdog;
  let fired: BulkheadError[];

  function watch(options?: MediaWatchdogOptions): void {
    fired = [];
    watchdog = new MediaWatchdog(options);
    watchdog.onSilence((error) => fired.push(error));
  }

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    watch();
  });
  afterEach(() => {
    watchdog.dispose();
    clock.restore();
  });

  it('finds an encoder that has stopped to deliver, once, within its time', () => {
    watchdog.touch(true);
    clock.tick(1400);
    assert.equal(fired.length, 0);
    clock.tick(300);
    assert.equal(fired[0]?.code, ErrorCodes.encoderSilent);
    assert.match(fired[0]?.message ?? '', /nothing for 1500 ms/);
    clock.tick(60_000);
    assert.equal(fired.length, 1);
  });

  it('finds an encoder that never delivers a picture, headers or not', () => {
    for (let ms = 0; ms < 14_000; ms += 500) {
      clock.tick(500);
      watchdog.touch(false);
    }
    assert.equal(fired.length, 0);
    clock.tick(1300);
    watchdog.touch(false);
    assert.match(fired[0]?.message ?? '', /no picture in its first 15000 ms/);
  });

  it('leaves an encoder alone that delivers now and then', () => {
    watchdog.touch(true);
    for (let n = 0; n < 100; n++) {
      clock.tick(1300);
      watchdog.touch(true);
    }
    assert.equal(fired.length, 0);
  });

  it('does not count the time in which the core itself stood still', () => {
    watchdog.touch(true);
    clock.tick(1400);
    clock.jump(60_000);
    clock.tick(700);
    assert.equal(fired.length, 0, 'an encoder that stood still too may be heard again');
    watchdog.touch(true);
    clock.tick(1400);
    assert.equal(fired.length, 0);
    clock.tick(300);
    assert.equal(fired.length, 1);
  });

  it('is not held up by a busy computer', () => {
    watchdog.touch(true);
    for (let n = 0; n < 4; n++) clock.jump(500);
    clock.tick(1);
    assert.equal(fired.length, 1);
  });

  it('lets the event loop read before it fires', () => {
    watch({ silentAfterMs: 100 });
    watchdog.touch(true);
    // Timers run before pending reads: the bytes are touched between the tick that is due and its confirmation.
    setTimeout(() => watchdog.touch(true), 100);
    clock.tick(150);
    assert.equal(fired.length, 0);
  });

  it('stays quiet once disposed', () => {
    watchdog.touch(true);
    clock.tick(1499);
    watchdog.dispose();
    clock.tick(60_000);
    assert.equal(fired.length, 0);
  });
});
