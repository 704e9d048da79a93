import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { SinonFakeTimers } from 'sinon';
import { MediaWatchdog, type MediaWatchdogOptions } from '../../../src/core/timeline/media-watchdog.js';
import { type BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { tempDir } from '../../support/temp.js';
import { fakeClock } from './stage.js';

describe('MediaWatchdog', () => {
  let clock: SinonFakeTimers;
  let watchdog: MediaWatchdog;
  let fired: BulkheadError[];

  function watch(options?: MediaWatchdogOptions): void {
    fired = [];
    watchdog = new MediaWatchdog(options);
    watchdog.onSilence((error) => fired.push(error));
  }

  beforeEach(() => {
    clock = fakeClock();
    watch();
  });
  afterEach(() => {
    watchdog.dispose();
    clock.restore();
  });

  it('detects an encoder that has stopped delivering, once, within its time', () => {
    watchdog.touchFrames(true);
    clock.tick(1400);
    assert.equal(fired.length, 0);
    clock.tick(300);
    assert.equal(fired[0]?.code, ErrorCodes.encoderSilent);
    assert.match(fired[0]?.message ?? '', /nothing for 1500 ms/);
    clock.tick(60_000);
    assert.equal(fired.length, 1);
  });

  it('waits longer for the frames of one that delivers sound', () => {
    watchdog.touchFrames(true);
    for (let ms = 0; ms < 4500; ms += 500) {
      clock.tick(500);
      watchdog.touchOther();
    }
    assert.equal(fired.length, 0);
    clock.tick(1000);
    assert.match(fired[0]?.message ?? '', /no frame for 5000 ms/);
    clock.tick(60_000);
    assert.equal(fired.length, 1);
  });

  it('waits longer for one that waits for the processor, too', () => {
    watchdog.dispose();
    let isBusy = true;
    watch({ waitsForProcessor: () => isBusy });
    watchdog.touchFrames(true);
    clock.tick(4500);
    assert.equal(fired.length, 0);
    clock.tick(1000);
    assert.match(fired[0]?.message ?? '', /no frame for 5000 ms/);
    watchdog.dispose();
    watch({ waitsForProcessor: () => isBusy });
    watchdog.touchFrames(true);
    clock.tick(2000);
    isBusy = false;
    clock.tick(1500);
    assert.match(fired[0]?.message ?? '', /nothing for 1500 ms/);
  });

  it('does not wait for sound where frames come, nor for frames before there has been one', () => {
    watchdog.touchOther();
    for (let n = 0; n < 20; n++) {
      clock.tick(1300);
      watchdog.touchFrames(true);
    }
    assert.equal(fired.length, 0);
    watchdog.touchOther();
    clock.tick(1400);
    assert.equal(fired.length, 0);
    clock.tick(300);
    assert.match(fired[0]?.message ?? '', /nothing for 1500 ms/);
  });

  it('fires once, even if the encoder delivers again and is silent again', () => {
    watchdog.touchFrames(true);
    clock.tick(2000);
    watchdog.touchFrames(true);
    clock.tick(60_000);
    assert.equal(fired.length, 1);
  });

  it('detects an encoder that never delivers a frame, with or without headers', () => {
    for (let ms = 0; ms < 14_000; ms += 500) {
      clock.tick(500);
      watchdog.touchFrames(false);
    }
    assert.equal(fired.length, 0);
    clock.tick(1300);
    watchdog.touchFrames(false);
    assert.match(fired[0]?.message ?? '', /no frame in its first 15000 ms/);
  });

  it('does not fire for an encoder that delivers from time to time', () => {
    watchdog.touchFrames(true);
    for (let n = 0; n < 100; n++) {
      clock.tick(1300);
      watchdog.touchFrames(true);
    }
    assert.equal(fired.length, 0);
  });

  it('does not count time in which the core itself was stopped', () => {
    watchdog.touchFrames(true);
    clock.tick(1400);
    clock.jump(60_000);
    clock.tick(700);
    assert.equal(fired.length, 0, 'an encoder that stood still too may be heard again');
    watchdog.touchFrames(true);
    clock.tick(1400);
    assert.equal(fired.length, 0);
    clock.tick(300);
    assert.equal(fired.length, 1);
  });

  it('fires in time on a busy computer', () => {
    watchdog.touchFrames(true);
    for (let n = 0; n < 4; n++) clock.jump(500);
    clock.tick(1);
    assert.equal(fired.length, 1);
  });

  it('lets the event loop read pending data before it fires', async () => {
    clock.restore();
    const dir = tempDir('watchdog');
    const server = createServer().listen(join(dir.path, 's'));
    await once(server, 'listening');
    const writer = connect(join(dir.path, 's'));
    const [reader] = (await once(server, 'connection')) as [Socket];
    watchdog.dispose();
    watch({ silentAfterMs: 100 });
    watchdog.touchFrames(true);
    reader.on('data', () => watchdog.touchFrames(true));
    try {
      await new Promise((resolve) => setImmediate(resolve));
      writer.write('media');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      await once(reader, 'data');
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(fired.length, 0);
    } finally {
      writer.destroy();
      reader.destroy();
      server.close();
      dir.dispose();
    }
  });

  it('stays quiet once disposed', () => {
    watchdog.touchFrames(true);
    clock.tick(1499);
    watchdog.dispose();
    clock.tick(60_000);
    assert.equal(fired.length, 0);
  });
});
