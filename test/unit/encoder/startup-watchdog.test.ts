import assert from 'node:assert/strict';
import sinon from 'sinon';
import { StartupWatchdog } from '../../../src/encoder/startup-watchdog.js';

const NOTHING = {
  frames: 0,
  fps: 0,
  bitrateKbps: 0,
  duplicatedFrames: 0,
  droppedFrames: 0,
  speed: 0,
  totalBytes: 0,
};

describe('StartupWatchdog', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers();
  });
  afterEach(() => clock.restore());

  it('detects an ffmpeg that delivers nothing, even if it reports progress', () => {
    const onSilence = sinon.spy();
    const watchdog = new StartupWatchdog(1000, onSilence);
    clock.tick(500);
    watchdog.take(NOTHING);
    watchdog.take({ ...NOTHING, totalBytes: 300 });
    clock.tick(500);
    sinon.assert.calledOnce(onSilence);
  });

  it('stops with the first frame', () => {
    const onSilence = sinon.spy();
    const watchdog = new StartupWatchdog(1000, onSilence);
    watchdog.take({ ...NOTHING, frames: 1, totalBytes: 300 });
    clock.tick(5000);
    assert.equal(onSilence.called, false);
  });
});
