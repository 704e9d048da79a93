import assert from 'node:assert/strict';
import { FakeClock } from '../../../support/fake-clock.js';
import { FakeMedium, FPS, SAMPLES } from './fake-medium.js';
import { KILLED } from './fake-processes.js';

const count = (to: number, from = 0) => Array.from({ length: to - from }, (_, index) => from + index);
/** What a sample is that has no sound. */
const SILENT = -1;

describe('Playback', () => {
  let clock: FakeClock;
  let medium: FakeMedium;

  beforeEach(() => {
    clock = new FakeClock();
  });
  afterEach(async () => {
    medium.playback.dispose();
    await clock.settle();
    assert.equal(medium.pool.inUse, 0, 'every frame is given back');
    assert.equal(clock.pending, 0);
    clock.restore();
  });

  const open = (...options: ConstructorParameters<typeof FakeMedium>) => {
    medium = new FakeMedium(...options);
  };
  const frames = (index = 0) => medium.frames[index] ?? assert.fail('frames are not read');
  const sound = (index = 0) => medium.sound[index] ?? assert.fail('sound is not read');

  it('has the frame and the sound of each slot, and is over after the last one', async () => {
    open();
    assert.equal(medium.playback.isReady, false);
    frames().sendFrames(0, 1, 2, 3, 4);
    assert.equal(medium.playback.isReady, false);
    sound().sendSound(0, 5 * SAMPLES);
    assert.equal(medium.playback.isReady, true);
    frames().end();
    sound().end();
    await clock.settle();
    assert.deepEqual(medium.take(100), { frames: count(5), samples: count(5 * SAMPLES) });
    assert.equal(medium.playback.isOver, true);
    assert.equal(medium.playback.position, 5);
  });

  it('waits for a frame, for the one after it, and for sound, and takes neither without the other', () => {
    open();
    frames().sendFrames(0, 2);
    sound().sendSound(0, SAMPLES - 1);
    assert.deepEqual(medium.take(1).frames, []);
    sound().sendSound(SAMPLES - 1, 2 * SAMPLES + 1);
    assert.deepEqual(medium.take(3), { frames: [0, undefined, 2], samples: count(3 * SAMPLES) });
    sound().sendSound(3 * SAMPLES, 3 * SAMPLES);
    assert.deepEqual(medium.take(1).frames, [], 'whether it is shown again is not known yet');
    frames().sendFrames(4);
    assert.deepEqual(medium.take(3).frames, [undefined, 4]);
  });

  it('shows the last frame of a slot that has several', async () => {
    open({ hasSound: false });
    frames().sendFrames(0, 1, 1.2, 2, 2.3, 3);
    frames().end();
    await clock.settle();
    assert.deepEqual(medium.take(10).frames, count(4));
  });

  it('shows the first frame early where the video begins later than the sound', async () => {
    open();
    frames().sendFrames(3, 4);
    sound().sendSound(0, 5 * SAMPLES);
    frames().end();
    sound().end();
    await clock.settle();
    const { frames: shown, samples } = medium.take(10);
    assert.deepEqual(shown, [3, undefined, undefined, 3, 4]);
    assert.deepEqual(samples, count(5 * SAMPLES));
  });

  it('is silent until sound begins, and after it has ended', async () => {
    open();
    frames().sendFrames(0, 1, 2, 3);
    sound().sendSound(SAMPLES, SAMPLES);
    frames().end();
    sound().end();
    await clock.settle();
    const silence = new Array(SAMPLES).fill(SILENT);
    assert.deepEqual(medium.take(10), {
      frames: count(4),
      samples: [...silence, ...count(2 * SAMPLES, SAMPLES), ...silence, ...silence],
    });
  });

  it('plays sound that is longer than the video to its end, apart from a fraction of a slot', async () => {
    open();
    frames().sendFrames(0, 1);
    sound().sendSound(0, 4.6 * SAMPLES);
    frames().end();
    sound().end();
    await clock.settle();
    assert.deepEqual(medium.take(10), {
      frames: [0, 1, undefined, undefined],
      samples: count(4 * SAMPLES),
    });
    assert.equal(medium.playback.isOver, true);
  });

  for (const { slots, plays, why } of [
    { slots: 4.6, plays: 2, why: 'leaves out what an encoder has filled its last packet with' },
    { slots: 9, plays: 9, why: 'plays sound that is longer than padding can be' },
    { slots: 1.5, plays: 2, why: 'plays to the end of the frames where the sound is shorter' },
  ]) {
    it(`${why}, where the container says that it ends with the second frame`, async () => {
      open({ endS: 2 / FPS });
      frames().sendFrames(0, 1);
      sound().sendSound(0, slots * SAMPLES);
      frames().end();
      sound().end();
      await clock.settle();
      assert.equal(medium.take(12).frames.length, plays);
      assert.equal(medium.playback.isOver, true);
    });
  }

  it('ends with the sound where the container says that this is longer, to 0.01 s', async () => {
    open({ endS: 0.16 });
    frames().sendFrames(0, 1);
    sound().sendSound(0, 4 * SAMPLES + 3);
    frames().end();
    sound().end();
    await clock.settle();
    assert.equal(medium.take(12).frames.length, 4);
  });

  it('shows a plain frame once where there is no video, and has no sound where there is none', async () => {
    open({ hasFrames: false });
    sound().sendSound(0, 3 * SAMPLES);
    sound().end();
    await clock.settle();
    assert.deepEqual(medium.take(10), { frames: [255, undefined, undefined], samples: count(3 * SAMPLES) });
    medium.playback.dispose();
    open({ hasSound: false });
    frames().sendFrames(0, 1);
    assert.deepEqual(medium.take(2), { frames: [0, 1], samples: [] });
  });

  it('shows the last frame of an image without end', async () => {
    open({ hasSound: false, leastSlots: Number.POSITIVE_INFINITY });
    frames().sendFrames(0);
    frames().end();
    await clock.settle();
    assert.deepEqual(medium.take(4).frames, [0, undefined, undefined, undefined]);
    assert.equal(medium.playback.isOver, false);
  });

  it('shows the last frame of an image until its time is over', async () => {
    open({ hasSound: false, leastSlots: 3 * FPS });
    frames().sendFrames(0);
    frames().end();
    await clock.settle();
    assert.equal(medium.take(3 * FPS - 1).frames[0], 0);
    assert.deepEqual([medium.playback.isComplete, medium.playback.isOver], [false, false]);
    assert.deepEqual(medium.take(1).frames, [undefined]);
    assert.equal(medium.playback.isOver, true);
  });

  it('has every frame and every sample where both processes are killed at different places', async () => {
    open({ durationS: 100 });
    const take = (slots: number) => medium.take(slots);
    frames().sendFrames(0, 1, 2, 3);
    sound().sendSound(0, 3.5 * SAMPLES);
    frames().end(KILLED);
    await clock.pass(1);
    assert.deepEqual(take(2), { frames: [0, 1], samples: count(2 * SAMPLES) });
    // What a decoder delivers first is not exact, and does not replace what is known already.
    sound().end(KILLED);
    await clock.pass(1);
    assert.equal(medium.playback.isRetrying, true);
    const begin = Math.round(sound(1).fromS * 1000);
    assert.ok(begin <= 3.5 * SAMPLES - 50, `${begin}`);
    sound(1).sendSound(begin, 10 * SAMPLES);
    frames(1).sendFrames(4, 5, 6, 7, 8);
    assert.deepEqual(take(6), { frames: count(8, 2), samples: count(8 * SAMPLES, 2 * SAMPLES) });
    assert.equal(medium.playback.isRetrying, false);
    assert.equal(medium.losses.length, 2);
  });

  it('keeps what was delivered first where two readings of the sound overlap', async () => {
    open({ hasFrames: false, durationS: 100 });
    sound().sendSound(0, 5 * SAMPLES);
    sound().end(KILLED);
    await clock.pass(1);
    const { fromS, connection } = sound(1);
    assert.ok(fromS * 1000 < 5 * SAMPLES);
    const payload = Buffer.alloc(10 * SAMPLES * 2);
    for (let at = 0; at < payload.length; at += 2) payload.writeInt16LE(7777, at);
    connection.send({ ticks: 0, payload });
    connection.deliver();
    const { samples } = medium.take(8);
    assert.deepEqual(samples.slice(0, 5 * SAMPLES), count(5 * SAMPLES));
    assert.deepEqual(samples.slice(5 * SAMPLES), new Array(3 * SAMPLES).fill(7776));
  });
});
