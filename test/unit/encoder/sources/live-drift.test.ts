import assert from 'node:assert/strict';
import { FakeClock } from '../../../support/fake-clock.js';
import {
  CHANNELS,
  type Drifting,
  FPS,
  playDrifting,
  RATE,
  SAMPLES,
  TONE,
  toneAt,
} from './drifting-source.js';

const PPM = 1e-6;
/** Of the longest: DRIFT_MINUTES=60 plays an hour. A drift of 200 ppm that nothing makes up for is over the limit in two minutes. */
const MINUTES = Number(process.env['DRIFT_MINUTES'] ?? 12);
/** When a source has settled, s. */
const SETTLED_S = 15;
/** As far apart sound and frames may be, and what is played from where it was at first, s. */
const LIMIT_S = 0.02;
/** The most that two steps of the tone from sample to sample differ, with what rounding makes of it. */
const BEND = TONE.amplitude * (2 * Math.sin((Math.PI * TONE.hz) / RATE)) ** 2 * 1.01 + 4;

interface Result {
  /** The furthest that the sound was from its frame, s. */
  readonly apartS: number;
  /** How much further behind the source, or less, it was than at first, s. */
  readonly movedS: number;
  readonly bend: number;
  /** The most that a slot was longer or shorter than its samples, as a part. */
  readonly pace: number;
  /** Slots with samples that are not those of the source. */
  readonly changed: number;
}

/** What became of a tone in each slot since the source has settled. */
function measure(source: Drifting): Result {
  const clock = new FakeClock();
  try {
    let [apartS, movedS, bend, pace, changed] = [0, 0, 0, 0, 0];
    let [before, last] = [0, 0];
    let positionS: number | undefined;
    let firstBehindS: number | undefined;
    let slot = 0;
    for (const { sound, frameS, nowS } of playDrifting(clock, source)) {
      slot += 1;
      const isSettled = slot > SETTLED_S * FPS;
      for (let at = 0; at < sound.length; at += 2) {
        const value = sound[at] as number;
        if (isSettled) bend = Math.max(bend, Math.abs(value - 2 * last + before));
        [before, last] = [last, value];
      }
      if (!isSettled) continue;
      const phase = Math.atan2(sound[0] as number, sound[1] as number) / (2 * Math.PI);
      // The tone says the position but for whole periods, of which a jump of one would be a bend.
      const expectedS: number =
        positionS === undefined ? (source.hasFrames ? frameS : nowS - 0.08) : positionS + SAMPLES / RATE;
      const atS: number = (Math.round(expectedS * TONE.hz - phase) + phase) / TONE.hz;
      if (positionS !== undefined) pace = Math.max(pace, Math.abs(((atS - positionS) * RATE) / SAMPLES - 1));
      positionS = atS;
      const skewedS = atS / (1 + (source.skew ?? 0));
      firstBehindS ??= nowS - skewedS;
      movedS = Math.max(movedS, Math.abs(nowS - skewedS - firstBehindS));
      if (source.hasFrames) apartS = Math.max(apartS, Math.abs(skewedS - frameS));
      if (!sound.every((value, at) => value === toneAt(Math.round(atS * RATE) * CHANNELS + at))) changed += 1;
    }
    assert.ok(slot > SETTLED_S * FPS);
    return { apartS, movedS, bend, pace, changed };
  } finally {
    clock.restore();
  }
}

function assertInPlace({ apartS, movedS, bend, pace }: Result): void {
  assert.ok(apartS < LIMIT_S, `${apartS} s from its frames`);
  assert.ok(movedS < LIMIT_S, `${movedS} s from its place`);
  assert.ok(bend < BEND, `a bend of ${bend}, of ${BEND}`);
  assert.ok(pace < 0.0025, `a pace of ${pace}`);
}

describe('a live source whose clock drifts', function () {
  this.timeout(60_000);
  const usual = { drift: 0, jitterMs: 12, hasFrames: true, minutes: MINUTES / 3 };

  for (const ppm of [200, -200])
    it(`stays in its place for ${MINUTES} minutes at ${ppm} ppm, with its frames, and does not click`, () => {
      assertInPlace(measure({ ...usual, drift: ppm * PPM, minutes: MINUTES }));
    });

  for (const ppm of [1000, -1000])
    it(`stays in its place at ${ppm} ppm`, () => {
      assertInPlace(measure({ ...usual, drift: ppm * PPM }));
      assertInPlace(measure({ ...usual, drift: ppm * PPM, hasFrames: false }));
    });

  for (const ppm of [200, -200, 1000])
    it(`stays with its frames where its samples are ${ppm} ppm more than its timestamps say`, () => {
      assertInPlace(measure({ ...usual, skew: ppm * PPM, minutes: MINUTES / 2 }));
    });

  it('plays each sample of a source as it is that does not drift, however irregularly it arrives', () => {
    for (const hasFrames of [true, false]) {
      const { changed, movedS } = measure({ ...usual, jitterMs: 40, hasFrames, minutes: MINUTES / 2 });
      assert.equal(changed, 0);
      assert.ok(movedS < 1e-5, `moved by ${movedS} s`);
    }
  });
});
