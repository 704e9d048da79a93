import assert from 'node:assert/strict';
import { ViewerGate } from '../../../src/live-server/viewer-gate.js';
import { FakeClock } from '../../support/fake-clock.js';

const LIMITS = { dropAbove: 1000, resumeBelow: 100, patienceMs: 5000 };

describe('ViewerGate', () => {
  let clock: FakeClock;
  let backlog: number;
  let gate: ViewerGate;

  beforeEach(() => {
    clock = new FakeClock();
    backlog = 0;
    gate = new ViewerGate(() => backlog, LIMITS);
  });
  afterEach(() => clock.restore());

  const judge = (kind: 'keyframe' | 'interframe' | 'audio' | 'video-header') => gate.judge({ kind });

  it('lets everything through up to the limit', () => {
    backlog = 1000;
    assert.deepEqual([judge('interframe'), judge('audio'), judge('keyframe')], ['send', 'send', 'send']);
  });

  it('drops all but headers above it, until a keyframe comes that finds room', () => {
    backlog = 1001;
    assert.deepEqual([judge('audio'), judge('keyframe'), judge('video-header')], ['drop', 'drop', 'send']);
    backlog = 101;
    assert.equal(judge('keyframe'), 'drop');
    backlog = 100;
    assert.deepEqual([judge('interframe'), judge('keyframe'), judge('interframe')], ['drop', 'send', 'send']);
  });

  it('disconnects a viewer that reads nothing for too long, but not one that waits for a keyframe', () => {
    backlog = 1001;
    judge('audio');
    clock.tick(5001);
    assert.equal(judge('audio'), 'cut off');
    backlog = 0;
    assert.equal(judge('audio'), 'drop');
    assert.equal(judge('keyframe'), 'send');
    backlog = 1001;
    judge('audio');
    clock.tick(4000);
    assert.equal(judge('audio'), 'drop');
  });
});
