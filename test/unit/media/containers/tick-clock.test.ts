import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TickClock } from '../../../../src/media/containers/mp4/tick-clock.js';
import type { TrackFormat } from '../../../../src/media/containers/tracks.js';

const track = (frameMs: number | undefined): TrackFormat => ({
  ...{ kind: 'video', track: 0, codec: 'h264', config: Buffer.alloc(0), width: 2, height: 2 },
  ...{ frameMs, sampleRate: 0, channels: 0 },
});
const rates = [24_000 / 1001, 24, 25, 30_000 / 1001, 30, 48, 50, 60_000 / 1001, 60, 120];

describe("A track's time in ticks", () => {
  it('is steady for a steady stream whose times are rounded, and near them for any', () => {
    const startMs = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...rates),
        startMs,
        fc.constantFrom(Math.round, Math.floor),
        (fps, start, round) => {
          const clock = new TickClock(track(1000 / fps));
          const ticks = Array.from({ length: 500 }, (_, n) => clock.dts(round(start + (n * 1000) / fps)));
          const steps = new Set(ticks.slice(1).map((tick, n) => tick - (ticks[n] ?? 0)));
          assert.deepEqual([...steps], [clock.frameTicks]);
          assert.ok(Math.abs(clock.timescale / clock.frameTicks - fps) < 1e-9);
        },
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...rates), fc.array(fc.nat(100)), (fps, gaps) => {
        const clock = new TickClock(track(1000 / fps));
        let ms = 0;
        for (const gap of gaps) {
          ms += gap;
          assert.ok(Math.abs((clock.dts(ms) * 1000) / clock.timescale - ms) <= 1.6);
        }
      }),
    );
  });

  it('is in milliseconds where the stream does not say its rate', () => {
    const clock = new TickClock(track(undefined));
    assert.deepEqual(
      [0, 33, 67, 1_000_000].map((ms) => clock.dts(ms)),
      [0, 33, 67, 1_000_000],
    );
    assert.equal(clock.timescale, 1000);
  });

  it('is in samples for sound', () => {
    const format = { ...track(1024 / 44.1), kind: 'audio' as const, sampleRate: 44_100 };
    const clock = new TickClock(format);
    const times = Array.from({ length: 100 }, (_, n) => clock.dts(Math.round((n * 1024) / 44.1)));
    assert.deepEqual(
      times,
      Array.from({ length: 100 }, (_, n) => n * 1024),
    );
  });
});
