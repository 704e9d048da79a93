import assert from 'node:assert/strict';
import { judge } from '../../../bench/bad-networks/judge.js';
import type { ViewedPacket } from '../../support/live-viewer.js';

const FPS = 25;
const FRAME_MS = 1000 / FPS;
const AAC_FRAME_MS = 1024 / 48;

/** A stream from `fromMs` to `toMs`, by its timestamps, which begins at `firstMs` by the clock that `fromMs` is of. */
function stream(fromMs: number, toMs: number, { lateMs = 0, firstMs = 0 } = {}): ViewedPacket[] {
  const track = (of: ViewedPacket['stream'], stepMs: number): ViewedPacket[] =>
    Array.from({ length: Math.round((toMs - fromMs) / stepMs) }, (_, n) => {
      const atMs = fromMs + n * stepMs;
      const ms = Math.round(atMs - firstMs);
      const arrivedAtMs = 5000 + atMs + lateMs;
      return { stream: of, ptsMs: ms, dtsMs: ms, keyframe: n % 50 === 0, size: 100, arrivedAtMs };
    });
  return [...track('video', FRAME_MS), ...track('audio', AAC_FRAME_MS)].sort(
    (a, b) => a.arrivedAtMs - b.arrivedAtMs,
  );
}

const seen = (packets: readonly ViewedPacket[], untilMs: number) => judge(packets, FPS, 5000 + untilMs);

describe('the judge of bad networks', () => {
  it('finds nothing wrong with a stream that is complete and in time', () => {
    const { framesLost, soundLostS, waitsS } = seen(stream(0, 20_000), 20_000);
    assert.deepEqual([framesLost, soundLostS, waitsS], [0, 0, 0]);
  });

  it('counts what never came', () => {
    const { framesLost, soundLostS, waitsS } = seen(
      [...stream(0, 10_000), ...stream(14_000, 20_000)],
      20_000,
    );
    assert.equal(framesLost, 4 * FPS);
    assert.ok(Math.abs(soundLostS - 4) < 0.05, String(soundLostS));
    assert.ok(Math.abs(waitsS - 2) < 0.1, `${waitsS}: the buffer holds two seconds of the four`);
  });

  it('waits for what is later than a player buffers, and for what has not come by the end', () => {
    const late = [...stream(0, 10_000), ...stream(10_000, 20_000, { lateMs: 5000 })];
    assert.ok(Math.abs(seen(late, 25_000).waitsS - 3) < 0.1);
    assert.ok(Math.abs(seen(stream(0, 10_000), 17_000).waitsS - 5) < 0.1);
    const caughtUp = stream(0, 20_000).map((packet) => ({
      ...packet,
      arrivedAtMs: packet.arrivedAtMs > 15_000 && packet.arrivedAtMs < 20_000 ? 20_000 : packet.arrivedAtMs,
    }));
    assert.ok(Math.abs(seen(caughtUp, 20_000).waitsS - 3) < 0.1);
  });

  it('counts each time once where a session repeats some', () => {
    const repeated = [...stream(0, 10_000), ...stream(8000, 20_000)].sort(
      (a, b) => a.arrivedAtMs - b.arrivedAtMs,
    );
    const { framesLost, soundLostS } = seen(repeated, 20_000);
    assert.deepEqual([framesLost, soundLostS], [0, 0]);
  });

  it('counts what another session that begins at 0 has left out', () => {
    const { framesLost, soundLostS, waitsS } = seen(
      [...stream(0, 10_000), ...stream(16_000, 30_000, { firstMs: 16_000 })],
      30_000,
    );
    assert.ok(Math.abs(framesLost - 6 * FPS) <= 1, String(framesLost));
    assert.ok(Math.abs(soundLostS - 6) < 0.1, String(soundLostS));
    assert.ok(Math.abs(waitsS - 4) < 0.1, String(waitsS));
  });
});
