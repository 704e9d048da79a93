import assert from 'node:assert/strict';
import { type Frame, FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { Programme, type ProgrammeSlot } from '../../../../src/encoder/canvas/programme.js';
import type { SlotTime } from '../../../../src/encoder/canvas/slot-clock.js';
import { FakeClock } from '../../../support/fake-clock.js';

describe('Programme', () => {
  let clock: FakeClock;
  let pool: FramePool;
  let isReady: boolean;
  let hasEnded: boolean;
  let ends: number;
  let next: (bytes: number) => ProgrammeSlot;
  let frames: { slot: number; frame: Frame; clean: Frame }[];
  let sound: Buffer[];
  let programme: Programme;

  function create(fps: number, sampleRate = 48_000, channels = 2, time?: SlotTime): void {
    programme = new Programme({
      fps,
      format: { sampleRate, channels },
      source: {
        get isReady() {
          return isReady;
        },
        get ended() {
          return hasEnded;
        },
        take: (samples) => next(samples * channels * 2),
      },
      video: { put: (slot, frame, clean) => frames.push({ slot, frame, clean }) },
      audio: { put: (pcm) => sound.push(pcm) },
      onEnd: () => (ends += 1),
      time,
    });
  }

  beforeEach(() => {
    clock = new FakeClock();
    pool = new FramePool(6, 10);
    isReady = true;
    hasEnded = false;
    ends = 0;
    frames = [];
    sound = [];
    next = (bytes) => ({ frame: pool.acquire(), sound: Buffer.alloc(bytes, 1) });
  });
  afterEach(() => {
    programme.dispose();
    clock.restore();
  });

  it("begins with the source's first frame", async () => {
    isReady = false;
    create(30);
    programme.start();
    await clock.pass(1000);
    assert.deepEqual(frames, []);
    isReady = true;
    await clock.pass(100, 5);
    assert.deepEqual(
      frames.map(({ slot }) => slot),
      [0, 1, 2],
    );
  });

  it('shows a clean feed the last clean frame, never the one with overlays, and else the frame', async () => {
    create(30);
    programme.start();
    await clock.pass(40);
    const [first] = frames;
    assert.equal(first?.clean, first?.frame);
    const clean = pool.acquire();
    next = (bytes) => ({ frame: pool.acquire(), clean, sound: Buffer.alloc(bytes) });
    await clock.pass(34);
    next = (bytes) => ({ frame: pool.acquire(), sound: Buffer.alloc(bytes) });
    await clock.pass(34);
    assert.deepEqual([frames.at(-2)?.clean, frames.at(-1)?.clean], [clean, clean]);
    assert.notEqual(frames.at(-1)?.frame, clean);
    programme.dispose();
    assert.equal(pool.inUse, 0);
  });

  it('asks for exactly the samples of each slot', () => {
    for (const [fps, sampleRate, channels] of [
      [30, 48_000, 2],
      [29.97, 48_000, 2],
      [24, 44_100, 1],
      [59.94, 44_100, 2],
    ] as const) {
      sound = [];
      create(fps, sampleRate, channels);
      programme.start();
      for (let second = 0; second < 60; second++) clock.tick(1000);
      const bytes = sound.reduce((sum, { length }) => sum + length, 0);
      const wanted = Math.round((sound.length * sampleRate) / fps) * channels * 2;
      assert.equal(bytes, wanted);
      assert.ok(sound.every(({ length }) => length % (channels * 2) === 0));
      programme.dispose();
    }
  });

  it('goes as fast as the time that it is given', () => {
    create(10, 48_000, 2, {
      now: () => performance.now() * 2,
      after: (delayMs, step) => setTimeout(step, delayMs / 2),
    });
    programme.start();
    clock.tick(1000);
    assert.deepEqual([frames.length, sound.length], [21, 21]);
  });

  it('shows the last frame again, and has silence, where the source has nothing', () => {
    create(10);
    let slot = 0;
    next = (bytes) =>
      slot++ % 2 === 0
        ? { frame: pool.acquire(), sound: Buffer.alloc(bytes - 8, 1) }
        : { frame: undefined, sound: Buffer.alloc(0) };
    programme.start();
    clock.tick(350);
    assert.equal(frames[0]?.frame, frames[1]?.frame);
    assert.equal(frames[2]?.frame, frames[3]?.frame);
    assert.equal(programme.repeatedFrames, 2);
    assert.equal(sound[0]?.length, 19_200);
    assert.deepEqual([sound[0].at(0), sound[0].at(-9), sound[0].at(-8)], [1, 1, 0]);
    assert.ok(sound[1]?.length === 19_200 && sound[1].every((byte) => byte === 0));
  });

  it('ends once with its source, in the slot after its last', () => {
    create(30);
    programme.start();
    clock.tick(100);
    assert.equal(frames.length, 4);
    hasEnded = true;
    clock.tick(1000);
    assert.deepEqual([frames.length, sound.length, ends, pool.inUse], [4, 4, 1, 0]);
  });

  it('does not show what a source gives that has just come to its end', () => {
    create(30);
    const take = next;
    next = (bytes) => {
      hasEnded = frames.length === 5;
      return take(bytes);
    };
    programme.start();
    clock.tick(1000);
    assert.deepEqual([frames.length, sound.length, ends, pool.inUse], [5, 5, 1, 0]);
  });

  it('keeps one frame, and none when it is disposed of', () => {
    create(30);
    programme.start();
    clock.tick(1000);
    assert.equal(pool.inUse, 1);
    programme.dispose();
    assert.equal(pool.inUse, 0);
    clock.tick(1000);
    assert.equal(frames.length, 31);
  });
});
