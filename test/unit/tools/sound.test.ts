import assert from 'node:assert/strict';
import fc from 'fast-check';
import { avOffset } from '../../tools/recording/av-offset.js';
import { beepTimes, longestSilence } from '../../tools/recording/beeps.js';
import { LevelMeter } from '../../tools/recording/levels.js';

const RATE = 48_000;

function pcm(levels: readonly number[]): Buffer {
  return Buffer.concat(
    levels.map((level) => {
      const bytes = Buffer.alloc((RATE / 1000) * 2);
      for (let at = 0; at < bytes.length; at += 2) bytes.writeInt16LE(Math.round(level * 32_767), at);
      return bytes;
    }),
  );
}

describe('the level of each millisecond of sound', () => {
  it('is the same however the bytes arrive', () => {
    const bytes = pcm([0, 0.5, 1, 0.25]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (lengths) => {
        const meter = new LevelMeter(RATE);
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const length = lengths[n % lengths.length] ?? 1;
          meter.take(bytes.subarray(at, at + length));
          at += length;
        }
        const levels = meter.finish([{ ptsMs: 100, samples: bytes.length / 2 }]);
        assert.deepEqual(
          levels.map(({ ptsMs, level }) => [ptsMs, Math.round(level * 100) / 100]),
          [
            [100, 0],
            [101, 0.5],
            [102, 1],
            [103, 0.25],
          ],
        );
      }),
    );
  });

  it('has the time of its block, also behind a gap', () => {
    const meter = new LevelMeter(RATE);
    meter.take(pcm([0, 0, 0, 0]));
    const levels = meter.finish([
      { ptsMs: 0, samples: 96 },
      { ptsMs: 50, samples: 96 },
    ]);
    assert.deepEqual(
      levels.map(({ ptsMs }) => ptsMs),
      [0, 1, 50, 51],
    );
  });
});

describe('beeps and silence', () => {
  const levels = (...parts: readonly (readonly [level: number, ms: number])[]) =>
    parts
      .flatMap(([level, ms]) => Array.from({ length: ms }, () => level))
      .map((level, ptsMs) => ({ ptsMs, level }));

  it('begin where the sound gets loud, not where a loud one goes on', () => {
    const sound = levels(
      [0.03, 100],
      [0.35, 100],
      [0.03, 900],
      [0.35, 60],
      [0.03, 10],
      [0.35, 30],
      [0.03, 70],
    );
    assert.deepEqual(beepTimes(sound), [100, 1100]);
    assert.deepEqual(beepTimes(levels([0.03, 1000])), []);
  });

  it('counts silence between sounds, not before and after them', () => {
    assert.equal(longestSilence(levels([0, 500], [0.03, 100], [0, 70], [0.03, 100], [0, 900])), 70);
  });
});

describe('the offset of sound and frames', () => {
  it('is that of each flash and the beep next to it', () => {
    const { readings, medianMs, worstMs, unmatched } = avOffset([1000, 2000, 3000, 4000], [1010, 1990, 3050]);
    assert.deepEqual(
      readings.map(({ offsetMs }) => offsetMs),
      [10, -10, 50],
    );
    assert.deepEqual([medianMs, worstMs, unmatched], [10, 50, 1]);
  });

  it('is not a number without a pair', () => {
    assert.ok(Number.isNaN(avOffset([1000], [1600]).medianMs));
    assert.ok(Number.isNaN(avOffset([], []).worstMs));
  });
});
