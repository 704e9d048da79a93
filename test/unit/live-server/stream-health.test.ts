import assert from 'node:assert/strict';
import { type Health, StreamHealth } from '../../../src/live-server/page/stream-health.js';

const TICK_MS = 250;

describe('StreamHealth', () => {
  let nowMs: number;
  let position: number;
  let health: StreamHealth;

  beforeEach(() => {
    nowMs = 1000;
    position = 0;
    health = new StreamHealth(nowMs);
  });

  /** A second of samples; the last verdict. */
  const second = ({ plays, receiving }: { plays: boolean; receiving: boolean }): Health => {
    let last: Health = 'waiting';
    for (let elapsed = 0; elapsed < 1000; elapsed += TICK_MS) {
      nowMs += TICK_MS;
      if (plays) position += TICK_MS / 1000;
      last = health.observe({ nowMs, position, receiving });
    }
    return last;
  };
  const seconds = (count: number, what: { plays: boolean; receiving: boolean }): Health[] =>
    Array.from({ length: count }, () => second(what));

  it('waits for as long as nothing comes', () => {
    assert.deepEqual(new Set(seconds(60, { plays: false, receiving: false })), new Set(['waiting']));
  });

  it('is live while playback advances', () => {
    assert.deepEqual(seconds(3, { plays: true, receiving: true }), ['live', 'live', 'live']);
  });

  it('is stalled for a moment, then waits, then is live again', () => {
    seconds(2, { plays: true, receiving: true });
    assert.deepEqual(seconds(5, { plays: false, receiving: false }), [
      'stalled',
      'stalled',
      'stalled',
      'waiting',
      'waiting',
    ]);
    assert.equal(second({ plays: true, receiving: true }), 'live');
  });

  it('is stuck when media comes and nothing plays', () => {
    assert.equal(seconds(5, { plays: false, receiving: true }).at(-1), 'waiting');
    assert.equal(second({ plays: false, receiving: true }), 'stuck');
  });

  it('gives a stream that comes back after a long silence its time to play', () => {
    seconds(2, { plays: true, receiving: true });
    seconds(30, { plays: false, receiving: false });
    assert.equal(second({ plays: false, receiving: true }), 'waiting');
    assert.equal(second({ plays: true, receiving: true }), 'live');
  });

  it('takes a jump back of the position for no progress', () => {
    seconds(2, { plays: true, receiving: true });
    position = 0;
    assert.equal(second({ plays: false, receiving: false }), 'stalled');
  });
});
