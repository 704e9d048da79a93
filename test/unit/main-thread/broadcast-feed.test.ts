import assert from 'node:assert/strict';
import sinon from 'sinon';
import { BroadcastFeed } from '../../../src/core/main-thread/broadcast-feed.js';
import { NO_OUTPUT_STATISTICS } from '../../../src/protocol/output-statistics.js';
import { FakeBroadcast } from '../../support/fake-broadcast.js';

describe('the broadcast feed', () => {
  let clock: sinon.SinonFakeTimers;
  let feed: BroadcastFeed;
  let broadcast: FakeBroadcast;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    broadcast = new FakeBroadcast();
    feed = new BroadcastFeed(broadcast);
  });

  afterEach(() => {
    feed.dispose();
    broadcast.dispose();
    clock.restore();
  });

  it('reports each change immediately, and statistics every second while not idle', () => {
    const states: string[] = [];
    feed.onSnapshot(({ state }) => states.push(state));
    clock.tick(5000);
    assert.deepEqual(states, []);

    broadcast.become('starting');
    broadcast.become('live');
    clock.tick(2500);
    assert.deepEqual(states, ['starting', 'live', 'live', 'live']);
    broadcast.become('idle');
    clock.tick(5000);
    assert.deepEqual(states.slice(4), ['idle']);
  });

  it('takes no samples without listeners', () => {
    broadcast.become('live');
    const status = sinon.spy(broadcast, 'status');
    clock.tick(10_000);
    assert.equal(status.callCount, 0);

    const listening = feed.onSnapshot(() => {});
    clock.tick(3000);
    const { callCount } = status;
    assert.ok(callCount >= 3);
    listening.dispose();
    clock.tick(10_000);
    assert.ok(status.callCount <= callCount + 1);
    assert.equal(clock.countTimers(), 0);
  });

  it('shows neither addresses nor processes', () => {
    broadcast.become('live', {
      outputs: [
        {
          id: 'twitch',
          url: 'rtmp://host/app/***',
          state: 'failed',
          sessions: 1,
          bytesSent: 1,
          droppedFrames: 0,
          queueMs: 0,
          ...NO_OUTPUT_STATISTICS,
          error: { code: 'output.refused', message: 'refused', remedy: 'ask them' },
        },
      ],
    });

    assert.deepEqual(feed.snapshot().outputs, [
      {
        id: 'twitch',
        state: 'failed',
        sessions: 1,
        bytesSent: 1,
        droppedFrames: 0,
        queueMs: 0,
        error: 'refused',
      },
    ]);
    assert.doesNotMatch(JSON.stringify(feed.snapshot()), /rtmp:|pid/i);
  });
});
