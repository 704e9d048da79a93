import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { FollowingSound } from '../../../../src/encoder/sources/following-sound.js';
import { SoundQueue } from '../../../../src/encoder/sources/sound-queue.js';
import { NutConnection } from './nut-connection.js';

const FORMAT = { sampleRate: 1000, channels: 1 };
const SLOT = 40;
const SLOT_S = SLOT / FORMAT.sampleRate;

describe('FollowingSound', () => {
  let queue: SoundQueue;
  let sound: FollowingSound;

  beforeEach(() => {
    queue = new SoundQueue({ format: FORMAT, limitS: 60, waits: false });
    const connection = new NutConnection(queue, FORMAT.sampleRate);
    // Each sample holds its own number.
    const payload = Buffer.alloc(20_000 * 2);
    for (let sample = 0; sample < 20_000; sample++) payload.writeInt16LE(sample, sample * 2);
    connection.send({ ticks: 0, payload });
    connection.deliver();
    sound = new FollowingSound(FORMAT);
  });

  function take(dueS: number): number[] {
    const target = Buffer.alloc(SLOT * 2);
    sound.take(queue, dueS, target);
    return Array.from({ length: SLOT }, (_, sample) => target.readInt16LE(sample * 2));
  }

  /** The samples of slots in which the clock is so much ahead of that of the first slot. */
  function play(slots: number, aheadS: (slot: number) => number): number[] {
    return Array.from({ length: slots }, (_, slot) => take(1 + slot * SLOT_S + aheadS(slot))).flat();
  }

  it('plays every sample as it is while the clock stays', () => {
    assert.deepEqual(
      play(50, () => 0),
      Array.from({ length: 50 * SLOT }, (_, sample) => 1000 + sample),
    );
  });

  for (const aheadS of [0.03, -0.03]) {
    it(`follows a clock that moves by ${aheadS} s in small steps`, () => {
      const samples = play(100, (slot) => (slot < 10 ? 0 : aheadS));
      const steps = samples.slice(1).map((sample, index) => sample - (samples[index] ?? 0));
      assert.ok(
        Math.min(...steps) >= 0 && Math.max(...steps) <= 2,
        `${Math.min(...steps)} to ${Math.max(...steps)}`,
      );
      const offset = (samples.at(-1) ?? 0) - (1000 + 100 * SLOT - 1 + aheadS * FORMAT.sampleRate);
      assert.ok(Math.abs(offset) <= 1, `${offset} samples`);
    });
  }

  it('jumps where the clock has moved for more than is heard as being apart', () => {
    play(10, () => 0);
    assert.equal(take(9)[0], 9000);
  });

  it('leads sound that is a little off to its place slowly', () => {
    const samples = play(400, (slot) => (slot < 10 ? 0 : 0.008));
    const slots = Array.from({ length: 400 }, (_, slot) => samples[slot * SLOT] ?? 0);
    const steps = slots.slice(1).map((sample, slot) => sample - (slots[slot] ?? 0));
    assert.ok(Math.max(...steps) <= SLOT + 1 && Math.min(...steps) >= SLOT, steps.join());
    assert.ok(Math.abs((slots.at(-1) ?? 0) - (1000 + 399 * SLOT + 8)) <= 1, `${slots.at(-1)}`);
  });

  it('plays every sample as it is again once the sound is in its place', () => {
    const noise = Array.from({ length: 20_000 }, (_, n) => ((n * n * 7919) % 2000) - 1000);
    queue = new SoundQueue({ format: FORMAT, limitS: 60, waits: false });
    const connection = new NutConnection(queue, FORMAT.sampleRate);
    connection.send({ ticks: 0, payload: Buffer.from(Int16Array.from(noise).buffer) });
    connection.deliver();
    const samples = play(400, (slot) => (slot < 10 ? 0 : 0.0084)).slice(-SLOT);
    const first = 1000 + 399 * SLOT + 8;
    assert.ok(
      [-1, 0, 1].some((off) => isDeepStrictEqual(samples, noise.slice(first + off, first + off + SLOT))),
    );
  });

  it('leaves no gap in slot after slot where sound comes later from then on', () => {
    const short = new SoundQueue({ format: FORMAT, limitS: 60, waits: false });
    const connection = new NutConnection(short, FORMAT.sampleRate);
    let end = 1000;
    const isWhole = Array.from({ length: 20 }, (_, slot) => {
      const late = slot < 10 ? 0 : 10;
      const due = 1000 + slot * SLOT - late;
      const payload = Buffer.alloc((due + SLOT - end) * 2, 1);
      connection.send({ ticks: end, payload });
      connection.deliver();
      end = due + SLOT;
      const target = Buffer.alloc(SLOT * 2);
      sound.take(short, due / FORMAT.sampleRate, target);
      return target.every((byte) => byte === 1);
    });
    assert.equal(isWhole.indexOf(false), -1, isWhole.join());
  });
});
