import assert from 'node:assert/strict';
import type { BroadcastStats } from '@bulkhead/extension-api';
import { HealthMonitor } from '../../../sample-plugins/stream-health/src/health.js';
import { PLAIN_TEXTS } from './plain-texts.js';

const good: BroadcastStats = {
  videoFrames: 0,
  audioFrames: 0,
  splices: 0,
  lastGapMs: 0,
  maxGapMs: 0,
  encoder: { fps: 30, bitrateKbps: 2500, restarts: 0 },
  outputs: [
    {
      id: 'twitch',
      state: 'live',
      sessions: 1,
      bytesSent: 0,
      bitrateKbps: 2500,
      droppedFrames: 0,
      queueMs: 20,
    },
  ],
};

describe('the stream-health plugin', () => {
  let monitor: HealthMonitor;
  const feed = (stats: BroadcastStats, samples: number) =>
    Array.from({ length: samples }, () => monitor.update(stats)).flatMap((findings) =>
      findings.map(({ message }) => message),
    );
  const withOutput = (change: object) => ({
    ...good,
    outputs: good.outputs.map((output) => ({ ...output, ...change })),
  });

  beforeEach(() => {
    monitor = new HealthMonitor(PLAIN_TEXTS.t);
  });

  it('reports nothing for a healthy broadcast', () => {
    assert.equal(monitor.report().verdict, 'unknown');
    assert.deepEqual(feed(good, 100), []);
    assert.equal(monitor.report().verdict, 'good');
  });

  it('warns once about an encoder that has become slow, and reports when it has recovered', () => {
    feed(good, 30);
    const slow = { ...good, encoder: { ...good.encoder, fps: 21 } };

    assert.deepEqual(feed(slow, 4), []);
    assert.deepEqual(feed(slow, 10), [
      'Encoding at 21 fps instead of 30. Close other programs, or choose a faster preset or a smaller resolution.',
    ]);
    assert.equal(monitor.report().verdict, 'poor');
    assert.deepEqual(feed(good, 3), ['The encoder is well again.']);
  });

  it('warns of a slow network by the queue and by dropped frames', () => {
    feed(good, 5);
    assert.deepEqual(feed(withOutput({ queueMs: 1500 }), 6), [
      'twitch takes the stream too slowly: 1.5 s are waiting. Lower the bitrate, or check the network.',
    ]);
    feed(good, 1);
    const dropping = [1, 2, 3, 4, 5, 6].flatMap((droppedFrames) => feed(withOutput({ droppedFrames }), 1));
    assert.deepEqual(dropping, [
      'twitch takes the stream too slowly: frames are being dropped. Lower the bitrate, or check the network.',
    ]);
  });

  it('warns of a bitrate that has fallen', () => {
    feed(good, 30);

    assert.deepEqual(feed(withOutput({ bitrateKbps: 900 }), 6), [
      'twitch gets 900 kbit/s, and used to get 2500.',
    ]);
  });

  it('reports a restart and a reconnection', () => {
    feed(good, 1);
    const after = {
      ...withOutput({ sessions: 2 }),
      splices: 1,
      lastGapMs: 203.4,
      maxGapMs: 203.4,
      encoder: { ...good.encoder, restarts: 1 },
    };

    assert.deepEqual(feed(after, 2), [
      'The encoder died and was replaced; viewers saw a gap of 203 ms.',
      'The connection to twitch broke; it was opened again.',
    ]);
    const { encoderRestarts, longestGapMs, outputs } = monitor.report();
    assert.deepEqual([encoderRestarts, longestGapMs, outputs[0]?.reconnections], [1, 203.4, 1]);
  });

  it('waits for the splice before it reports the gap', () => {
    const first = { ...good, splices: 1, lastGapMs: 180, maxGapMs: 180 };
    feed({ ...first, encoder: { ...good.encoder, restarts: 1 } }, 1);
    const dead = { ...first, encoder: { ...good.encoder, restarts: 2 } };
    assert.deepEqual(feed(dead, 3), []);

    assert.deepEqual(feed({ ...dead, splices: 2, lastGapMs: 412.6, maxGapMs: 412.6 }, 3), [
      'The encoder died and was replaced; viewers saw a gap of 413 ms.',
    ]);
  });
});
