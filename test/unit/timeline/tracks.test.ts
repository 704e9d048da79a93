import assert from 'node:assert/strict';
import { AudioTrack } from '../../../src/core/timeline/audio-track.js';
import { VideoTrack } from '../../../src/core/timeline/video-track.js';

describe('VideoTrack', () => {
  let track: VideoTrack;
  beforeEach(() => {
    track = new VideoTrack();
  });

  it('begins at 0, even if the first frame is placed before that', () => {
    assert.deepEqual([track.nextMs, track.nextGopMs(40), track.lastMs], [0, 0, undefined]);
    assert.equal(track.place(-5, 0), 0);
    assert.deepEqual([track.lastMs, track.frames], [0, 1]);
  });

  it('places each frame after the one before it', () => {
    assert.deepEqual(
      [10, 43, 43, 20, 46].map((ms) => track.place(ms, 0)),
      [10, 43, 44, 45, 46],
    );
    assert.equal(track.frames, 5);
  });

  it('continues at the measured frame duration, from steps of 1 to 1000 ms', () => {
    track.place(100, 0);
    assert.equal(track.nextMs, 133);
    for (const [stepMs, nextMs] of [
      [20, 120],
      [0, 120],
      [-40, 120],
      [1001, 120],
      [1, 101],
      [1000, 1100],
    ] as const) {
      track.learn(stepMs);
      assert.equal(track.nextMs, nextMs, `after a step of ${stepMs} ms`);
    }
  });

  it('begins a GOP after all frames shown before it, and no later than necessary', () => {
    track.place(0, 0);
    assert.equal(track.nextGopMs(0), 33);
    track.place(33, 100);
    assert.deepEqual(
      [0, 60, 100, 500].map((compositionMs) => track.nextGopMs(compositionMs)),
      [166, 106, 66, 66],
    );
    track.place(66, 0);
    assert.equal(track.nextGopMs(0), 166, 'the frame before is shown later than the last one');
  });
});

describe('AudioTrack', () => {
  const SILENCE = Buffer.from('silence');
  let track: AudioTrack;

  beforeEach(() => {
    track = new AudioTrack();
    track.format = { frameMs: 20, silence: SILENCE };
  });

  const silentSlots = (untilMs: number) => [...track.takeSilentSlots(untilMs)].map(([ms]) => ms);

  it('accepts any position for its first frame, from 0 on', () => {
    assert.deepEqual(
      [-1, 0, 7].map((ms) => track.slotNear(ms)),
      [undefined, 0, 7],
    );
    assert.deepEqual([track.slotFrom(7), track.lastMs, track.frames], [7, undefined, 0]);
    assert.deepEqual([track.place(7), track.lastMs, track.frames], [7, 7, 1]);
  });

  it('places each frame after the one before it', () => {
    assert.deepEqual(
      [100, 120, 120, 50, 123].map((ms) => track.place(ms)),
      [100, 120, 121, 122, 123],
    );
    assert.equal(track.frames, 5);
  });

  it('finds the nearest slot that is free', () => {
    track.place(100);
    assert.deepEqual(
      [60, 100, 109, 110, 129, 130, 200].map((ms) => track.slotNear(ms)),
      [undefined, undefined, undefined, 120, 120, 140, 200],
    );
  });

  it('finds the first slot that begins no earlier', () => {
    track.place(100);
    assert.deepEqual(
      [60, 100, 101, 120, 121, 200].map((ms) => track.slotFrom(ms)),
      [60, 100, 120, 120, 140, 200],
    );
  });

  it('fills the slots that are nearer to a time before the end than to the end', () => {
    track.place(100);
    assert.deepEqual([130, 131, 150, 171, 60].map(silentSlots), [[], [120], [], [140, 160], []]);
    assert.deepEqual(silentSlots(191), [180]);
    assert.deepEqual([track.frames, track.lastMs], [5, 180]);
  });

  it('yields a silent frame for each slot, on a grid that does not drift', () => {
    track.format = { frameMs: 1024 / 48, silence: SILENCE };
    track.place(0);
    const slots = [...track.takeSilentSlots(2000)];
    assert.ok(slots.every(([, payload]) => payload === SILENCE));
    assert.deepEqual(
      slots.map(([ms]) => ms),
      Array.from({ length: 93 }, (_, n) => Math.round(((n + 1) * 1024) / 48)),
    );
  });

  it('fills the last five seconds of a longer gap', () => {
    track.place(100);
    const first = silentSlots(5101)[0];
    assert.equal(first, 140, 'the first slot lies before the last five seconds');
    const longer = silentSlots(30_115);
    assert.deepEqual([longer[0], longer.at(-1)], [25_140, 30_100]);
    assert.equal(longer.length, (30_100 - 25_140) / 20 + 1);
  });

  it('fills a gap of five seconds from its beginning', () => {
    track.place(100);
    assert.equal(silentSlots(5100)[0], 120);
  });

  it('accepts silence once it has a position and a silent frame', () => {
    assert.equal(track.takesSilence, false);
    assert.deepEqual(silentSlots(1000), []);
    track.place(0);
    assert.equal(track.takesSilence, true);
    track.format = { frameMs: 20, silence: undefined };
    assert.equal(track.takesSilence, false);
    assert.deepEqual(silentSlots(1000), []);
  });
});
