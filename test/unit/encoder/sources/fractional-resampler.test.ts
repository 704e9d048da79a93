import assert from 'node:assert/strict';
import fc from 'fast-check';
import { REACH, resample } from '../../../../src/encoder/sources/fractional-resampler.js';

const RATE = 48_000;

function resampled(pcm: Int16Array, position: number, step: number, samples: number, channels = 1) {
  const target = new Int16Array(samples * channels);
  resample(pcm, position, step, target, channels);
  return target;
}

/** Level of one frequency, dBFS. */
function levelAt(samples: Int16Array, hz: number): number {
  let [cos, sin] = [0, 0];
  for (const [n, value] of samples.entries()) {
    const windowed = value * (1 - Math.cos((2 * Math.PI * n) / samples.length));
    cos += windowed * Math.cos((2 * Math.PI * hz * n) / RATE);
    sin += windowed * Math.sin((2 * Math.PI * hz * n) / RATE);
  }
  return 20 * Math.log10((2 * Math.hypot(cos, sin)) / samples.length / 32_768);
}

describe('the fractional resampler', () => {
  it('changes nothing at whole positions', () => {
    const sound = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 80, maxLength: 120 });
    fc.assert(
      fc.property(sound, fc.nat(8), (values, more) => {
        const first = REACH - 1 + more;
        const count = values.length - first - REACH;
        assert.deepEqual(
          [...resampled(Int16Array.from(values), first, 1, count)],
          values.slice(first, first + count),
        );
      }),
    );
  });

  it('keeps the level of a tone, up to 18 kHz, and adds nothing to its spectrum', () => {
    for (const hz of [100, 1000, 10_000, 18_000])
      for (const step of [1.0002, 0.998]) {
        const tone = Int16Array.from({ length: 10_000 }, (_, n) =>
          Math.round(16_000 * Math.sin((2 * Math.PI * hz * n) / RATE)),
        );
        const samples = resampled(tone, 20.3, step, 9600);
        const level = levelAt(samples, hz * step) - 20 * Math.log10(16_000 / 32_768);
        assert.ok(Math.abs(level) < 0.05, `${hz} Hz: ${level} dB`);
        for (let other = 500; other < 24_000; other += 500) {
          if (Math.abs(other - hz) < 500) continue;
          const added = levelAt(samples, other);
          assert.ok(added < -85, `${hz} Hz by ${step}: ${added.toFixed(1)} dBFS at ${other} Hz`);
        }
      }
  });

  it('joins one stretch to the next, and keeps the channels apart', () => {
    const pcm = Int16Array.from({ length: 600 }, (_, at) =>
      at % 2 === 0 ? Math.round(9000 * Math.sin(at / 40)) : -5000,
    );
    const step = 1.001;
    const whole = resampled(pcm, 20.25, step, 200, 2);
    const parts = [
      ...resampled(pcm, 20.25, step, 120, 2),
      ...resampled(pcm, 20.25 + 120 * step, step, 80, 2),
    ];
    assert.deepEqual(parts, [...whole]);
    assert.ok(whole.every((value, at) => at % 2 === 0 || value === -5000));
  });

  it('is not louder than 16 bits can say', () => {
    const square = Int16Array.from({ length: 200 }, (_, at) => (at % 20 < 10 ? 32_767 : -32_768));
    const samples = resampled(square, 20.5, 1, 100);
    for (const [n, value] of samples.entries()) {
      const around = [square[20 + n], square[21 + n]];
      if (around[0] === around[1]) assert.equal(Math.sign(value), Math.sign(around[0] ?? 0));
    }
    assert.ok(samples.includes(32_767) && samples.includes(-32_768));
  });
});
