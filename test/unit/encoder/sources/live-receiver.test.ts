import assert from 'node:assert/strict';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import type { FfmpegExit } from '../../../../src/encoder/ffmpeg-errors.js';
import { FrameQueue } from '../../../../src/encoder/sources/frame-queue.js';
import { LiveReceiver } from '../../../../src/encoder/sources/live-receiver.js';
import { LiveSource } from '../../../../src/encoder/sources/live-source.js';
import { SoundQueue } from '../../../../src/encoder/sources/sound-queue.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { FORMAT, FPS, RATE, SAMPLES } from './fake-medium.js';
import { FAILED, FakeProcess } from './fake-processes.js';
import { NutConnection } from './nut-connection.js';

const SLOT_MS = 1000 / FPS;
const TICKS = 90_000;
const FRAME_BYTES = 8;

/** One process that receives. Frames and samples hold their time on the source's clock, in slots and in samples. */
class FakeReception {
  readonly frames: FrameQueue | undefined;
  readonly sound: SoundQueue | undefined;
  readonly process = new FakeProcess(() => {
    this.frames?.close();
    this.sound?.close();
  });
  private readonly frameConnection: NutConnection | undefined;
  private readonly soundConnection: NutConnection | undefined;

  constructor(pool: FramePool, { hasFrames = true, hasSound = true }) {
    if (hasFrames) {
      this.frames = new FrameQueue({ pool, limit: 18, waits: false });
      this.frameConnection = new NutConnection(this.frames, TICKS);
    }
    if (hasSound) {
      this.sound = new SoundQueue({ format: FORMAT, limitS: 2, waits: false });
      this.soundConnection = new NutConnection(this.sound, RATE);
    }
  }

  sendFrame(slot: number, atSlot = slot): void {
    const payload = Buffer.alloc(FRAME_BYTES);
    payload.writeInt32LE(slot);
    this.frameConnection?.send({ ticks: (atSlot / FPS) * TICKS, payload });
    this.frameConnection?.deliver();
  }

  /** The sound of a slot. */
  sendSound(slot: number, atSlot = slot): void {
    const payload = Buffer.alloc(SAMPLES * 2);
    for (let i = 0; i < SAMPLES; i++) payload.writeInt16LE(slot * SAMPLES + i + 1, i * 2);
    this.soundConnection?.send({ ticks: atSlot * SAMPLES, payload });
    this.soundConnection?.deliver();
  }

  send(slot: number, atSlot = slot): void {
    this.sendFrame(slot, atSlot);
    this.sendSound(slot, atSlot);
  }
}

interface Shown {
  /** The slot of the source whose frame is on air. */
  readonly frame: number | undefined;
  readonly isNew: boolean;
  /** The slot of the source in whose sound this slot begins; undefined if that is silent. */
  readonly sound: number | undefined;
}

describe('LiveReceiver', () => {
  let clock: FakeClock;
  let pool: FramePool;
  let receptions: FakeReception[];
  let losses: FfmpegExit[];
  let receiver: LiveReceiver;
  let onAir: number | undefined;
  let endsByLoss: boolean;

  beforeEach(() => {
    clock = new FakeClock();
    pool = new FramePool(FRAME_BYTES, 25);
    receptions = [];
    losses = [];
    onAir = undefined;
    endsByLoss = false;
  });
  afterEach(async () => {
    receiver.dispose();
    await clock.settle();
    assert.equal(pool.inUse, 0, 'every frame is given back');
    assert.equal(clock.pending, 0);
    assert.ok(receptions.every(({ process }) => process.killed));
    clock.restore();
  });

  function open(
    tracks: { hasFrames?: boolean; hasSound?: boolean } = {},
    patience: { startupMs?: number; maxRetryMs?: number } = {},
  ): void {
    receiver = new LiveReceiver({
      ...patience,
      fps: FPS,
      format: FORMAT,
      open: () => {
        const reception = new FakeReception(pool, tracks);
        receptions.push(reception);
        return reception;
      },
      onLoss: (exit) => {
        losses.push(exit);
        if (endsByLoss) receiver.dispose();
      },
    });
  }
  it('starts nothing more where the loss that it reports is its end', async () => {
    endsByLoss = true;
    open();
    nth(0).process.exit(FAILED);
    await clock.settle();
    await clock.pass(5000);
    assert.deepEqual([losses.length, receptions.length], [1, 1]);
  });

  const nth = (index: number) => receptions.at(index) ?? assert.fail('no such process');

  /** Lets so many slots pass, in each of which the source sends something. */
  async function play(slots: number, send: (slot: number) => void = () => {}, from = 0): Promise<Shown[]> {
    const shown: Shown[] = [];
    for (let slot = from; slot < from + slots; slot++) {
      send(slot);
      const { frame, sound } = receiver.take(SAMPLES);
      onAir = frame?.bytes.readInt32LE() ?? onAir;
      const sample = sound.length === 0 ? 0 : sound.readInt16LE();
      shown.push({
        frame: onAir,
        isNew: frame !== undefined,
        sound: sample === 0 ? undefined : (sample - 1) / SAMPLES,
      });
      frame?.release();
      await clock.pass(SLOT_MS, SLOT_MS);
    }
    return shown;
  }

  /** Each slot shows the frame after the one before, with its own sound. */
  function assertSteady(shown: readonly Shown[]): void {
    for (const [index, { frame, sound }] of shown.entries()) {
      assert.equal(frame, (shown[0]?.frame ?? 0) + index, `slot ${index}`);
      assert.ok(
        Math.abs((sound ?? Number.NaN) - (frame ?? 0)) <= 1,
        `slot ${index}: frame ${frame}, sound ${sound}`,
      );
    }
  }

  it('plays each frame with its sound, a little later than they arrive', async () => {
    open();
    const shown = await play(100, (slot) => nth(0).send(slot));
    assertSteady(shown.slice(5));
    const late = 99 - (shown.at(-1)?.frame ?? 0);
    assert.ok(late >= 1 && late <= 3, `${late} slots`);
  });

  it('evens out frames that arrive by twos', async () => {
    open();
    const shown = await play(200, (slot) => {
      if (slot % 2 === 1) for (const one of [slot - 1, slot]) nth(0).send(one);
    });
    assertSteady(shown.slice(80));
  });

  it('brings the sound back to its frames without a jump where these come later from then on', async () => {
    open();
    const begun = await play(60, (slot) => nth(0).send(slot));
    const late = await play(
      120,
      (slot) => {
        nth(0).sendSound(slot);
        if (slot >= 63) nth(0).sendFrame(slot - 3);
      },
      60,
    );
    const offset = ({ sound, frame }: Shown) => Math.round(((sound ?? Number.NaN) - (frame ?? 0)) * SAMPLES);
    const samples = [...begun.slice(5), ...late].map(({ sound }) => (sound ?? Number.NaN) * SAMPLES);
    const steps = samples
      .slice(1)
      .map((sample, index) => Math.round(sample - (samples[index] ?? Number.NaN)));
    assert.ok(
      steps.every((step) => Math.abs(step - SAMPLES) <= 1),
      steps.join(),
    );
    const [before, after] = [begun, late].map((shown) => offset(shown.at(-1) as Shown)) as [number, number];
    assert.ok(Math.abs(after - before) <= 1, `${before} samples before, ${after} after`);
    assert.ok(late.some((shown) => Math.abs(offset(shown) - before) > 20));
  });

  it('drops what arrives at once at the beginning, apart from its end', async () => {
    open();
    for (let slot = 0; slot < 125; slot++) nth(0).send(slot);
    const shown = await play(100, (slot) => nth(0).send(slot + 125));
    assert.ok((shown[0]?.frame ?? 0) >= 120, `${shown[0]?.frame}`);
    assertSteady(shown.slice(5));
    const late = 224 - (shown.at(-1)?.frame ?? 0);
    assert.ok(late <= 7, `${late} slots`);
  });

  it('catches up where it has waited for more than it needs to', async () => {
    open();
    const shown = await play(200, (slot) => {
      if (slot === 1) for (let early = 1; early <= 15; early++) nth(0).send(early);
      else nth(0).send(slot === 0 ? 0 : slot + 14);
    });
    const late = 213 - (shown.at(-1)?.frame ?? 0);
    assert.ok(late <= 3, `${late} slots`);
    assertSteady(shown.slice(60));
  });

  it('drops what arrives at once later too, as after an outage of the network', async () => {
    open();
    await play(50, (slot) => nth(0).send(slot));
    await play(50);
    for (let slot = 50; slot < 100; slot++) nth(0).send(slot);
    const shown = await play(150, (slot) => nth(0).send(slot), 100);
    const late = 249 - (shown.at(-1)?.frame ?? 0);
    assert.ok(late <= 7, `${late} slots`);
    assertSteady(shown.slice(100));
  });

  it('begins with the video where its sound comes later', async () => {
    open();
    const early = await play(50, (slot) => nth(0).sendFrame(slot));
    assert.ok(early.slice(5).every(({ isNew, sound }) => isNew && sound === undefined));
    const shown = await play(100, (slot) => nth(0).send(slot), 50);
    assertSteady(shown.slice(60));
  });

  it('goes on with either track where the other one stops', async () => {
    open();
    await play(50, (slot) => nth(0).send(slot));
    const seen = await play(50, (slot) => nth(0).sendFrame(slot), 50);
    assert.ok(seen.slice(15).every(({ isNew, sound }) => isNew && sound === undefined));
    await play(50, (slot) => nth(0).send(slot), 100);
    const heard = await play(50, (slot) => nth(0).sendSound(slot), 150);
    assert.ok(heard.slice(15).every(({ isNew, sound }) => !isNew && sound !== undefined));
    assert.ok(receiver.silentMs > 1000, 'its frames count');
    const shown = await play(150, (slot) => nth(0).send(slot), 200);
    assertSteady(shown.slice(60));
  });

  it('begins anew where the clock goes back, as with another publisher on a connection', async () => {
    open();
    await play(200, (slot) => nth(0).send(slot));
    await play(75, () => {}, 200);
    // As ffmpeg writes them: none earlier than the one before.
    await play(40, (slot) => nth(0).send(slot, 199), 275);
    assert.deepEqual([receptions.length, nth(0).process.killed, losses], [2, true, []]);
    const shown = await play(60, (slot) => nth(1).send(slot), 315);
    assertSteady(shown.slice(10));
  });

  it('leaves a source alone whose clock never moves', async () => {
    open();
    await play(200, (slot) => nth(0).send(slot, 0));
    assert.deepEqual([receptions.length, losses], [1, []]);
  });

  it('does not take a clock that goes on after an outage for one that goes back', async () => {
    open();
    await play(200, (slot) => nth(0).send(slot));
    await play(75, () => {}, 200);
    await play(50, (slot) => nth(0).send(slot, slot - 75), 275);
    await play(100, (slot) => nth(0).send(slot, slot - 75), 325);
    await play(20, (slot) => nth(0).sendFrame(slot, slot - 75), 425);
    assert.equal(receptions.length, 1);
  });

  for (const jump of [2500, 30]) {
    it(`follows a clock that jumps by ${jump / FPS} s`, async () => {
      open();
      await play(400, (slot) => nth(0).send(slot, slot));
      const shown = await play(200, (slot) => nth(0).send(slot, slot + jump), 400);
      const frozen = shown.findIndex(({ isNew, frame }) => isNew && (frame ?? 0) >= 400);
      assert.ok(frozen >= 0 && frozen < 30, `${frozen} slots`);
      assertSteady(shown.slice(60));
    });
  }

  it('starts the next process at once when one that had delivered ends, and ever later where none delivers', async () => {
    open();
    await play(50, (slot) => nth(0).send(slot));
    assert.equal(receiver.isRetrying, false);
    nth(0).process.exit(FAILED);
    await clock.pass(1);
    assert.equal(receptions.length, 2);
    assert.deepEqual([losses[0]?.delivered, receiver.isRetrying], [true, true]);
    for (let i = 0; i < 50; i++) {
      nth(-1).process.exit(FAILED);
      await play(10);
    }
    assert.ok(losses.slice(1).every(({ delivered }) => delivered === false));
    assert.ok(receptions.length >= 7 && receptions.length <= 13, `${receptions.length} in 20 s`);
    while (nth(-1).process.killed) await play(10);
    const shown = await play(50, (slot) => nth(-1).send(slot));
    assert.equal(receiver.isRetrying, false);
    assertSteady(shown.slice(10));
    assert.ok(receptions.slice(0, -1).every(({ process }) => process.killed));
    nth(-1).process.exit(FAILED);
    await clock.pass(1);
    assert.equal(nth(-1).process.killed, false, 'another one is started at once again');
  });

  it('waits longer for a first packet where that may not be there yet, and retries more often', async () => {
    open({}, { startupMs: 60_000, maxRetryMs: 1000 });
    await play(59 * FPS);
    assert.equal(receptions.length, 1);
    await play(2 * FPS);
    assert.equal(receptions.length, 2);
    assert.equal(losses[0]?.silent, true);
    for (let i = 0; i < 50; i++) {
      nth(-1).process.exit(FAILED);
      await play(10);
    }
    assert.ok(receptions.length >= 16, `${receptions.length} in 20 s`);
    assert.equal(losses[1]?.silent, undefined);
  });

  it('replaces a process that delivers nothing: later before its first packet than after it', async () => {
    open();
    await play(14 * FPS);
    assert.equal(receptions.length, 1);
    await play(2 * FPS);
    assert.equal(receptions.length, 2);
    await play(10, (slot) => nth(1).send(slot));
    await play(4.5 * FPS);
    assert.equal(receptions.length, 2);
    await play(FPS);
    assert.equal(receptions.length, 3);
  });

  it('gives the process of a source that was lost for long its time to deliver', async () => {
    open();
    await play(10, (slot) => nth(0).send(slot));
    await play(6 * FPS);
    assert.equal(receptions.length, 2);
    await play(14 * FPS);
    assert.equal(receptions.length, 2);
  });

  it('does not take the last frames of a process that ends for a return', async () => {
    open();
    await play(10, (slot) => nth(0).send(slot));
    await play(2 * FPS);
    for (const slot of [10, 11, 12]) nth(0).send(slot);
    await play(1);
    assert.ok(receiver.silentMs >= 2000, `${receiver.silentMs}`);
    nth(0).process.exit(FAILED);
    await play(20);
    await play(5, (slot) => nth(1).send(slot));
    assert.ok(receiver.silentMs <= SLOT_MS, `${receiver.silentMs}`);
  });

  it('does not count as silent for longer between two processes than it is', async () => {
    open({ hasSound: false });
    await play(10, (slot) => nth(0).sendFrame(slot));
    nth(0).process.exit(FAILED);
    await play(2);
    nth(1).process.exit(FAILED);
    await play(2);
    assert.equal(receptions.length, 2, 'the next one has not been started yet');
    assert.ok(receiver.silentMs < 300, `${receiver.silentMs}`);
  });

  it('judges a stream that has only sound by it, though its frame is a single one', async () => {
    open();
    nth(0).sendFrame(0);
    const shown = await play(100, (slot) => nth(0).sendSound(slot));
    assert.ok(shown.slice(5).every(({ sound }) => sound !== undefined));
    assert.ok(receiver.silentMs <= SLOT_MS);
    await play(25);
    assert.ok(receiver.silentMs >= 1000);
  });

  it('plays sound alone', async () => {
    open({ hasFrames: false });
    const shown = await play(100, (slot) => nth(0).sendSound(slot));
    const sounds = shown.slice(5).map(({ sound }) => sound ?? Number.NaN);
    for (const [index, sound] of sounds.entries()) assert.equal(sound, (sounds[0] ?? 0) + index);
  });
});

describe('LiveSource', () => {
  const receiver = (silentMs: number, isRetrying = false) => {
    const fake = { silentMs, isRetrying, slotMs: SLOT_MS, pid: 5, disposed: false };
    return Object.assign(fake, {
      take: (samples: number) => ({ frame: undefined, sound: Buffer.alloc(samples, 1) }),
      dispose: () => {
        fake.disposed = true;
      },
    });
  };
  const open = (frames: object | undefined, sound: object | undefined) =>
    new LiveSource({
      frames: frames as LiveReceiver | undefined,
      sound: sound as LiveReceiver | undefined,
      still: () => undefined,
    });

  it('starts, is live, stalls, retries and is live again, by its frames if it has any', () => {
    const camera = receiver(Number.POSITIVE_INFINITY);
    const source = open(camera, receiver(0));
    assert.deepEqual([source.state, source.isReady], ['starting', false]);
    camera.silentMs = 40;
    assert.deepEqual([source.state, source.isReady], ['live', true]);
    camera.silentMs = 800;
    assert.equal(source.state, 'stalled');
    camera.isRetrying = true;
    assert.equal(source.state, 'retrying');
    camera.silentMs = 10;
    assert.equal(source.state, 'live');
    assert.equal(open(undefined, receiver(0)).state, 'live');
    assert.equal(open(undefined, undefined).state, 'live');
    const slow = Object.assign(receiver(1100), { slotMs: 1000 });
    assert.equal(open(slow, undefined).state, 'live', 'one frame a second is no stall');
  });

  it('shows a plain frame where sound alone arrives for a while', () => {
    const clock = new FakeClock();
    try {
      const radio = receiver(0);
      const source = new LiveSource({
        frames: radio as object as LiveReceiver,
        sound: undefined,
        still: () => new FramePool(FRAME_BYTES, 1).acquire(),
      });
      const take = () => source.take(1).frame !== undefined;
      assert.equal(take(), false);
      clock.tick(900);
      assert.equal(take(), false);
      clock.tick(100);
      radio.silentMs = 5000;
      assert.equal(take(), false, 'nothing arrives');
      radio.silentMs = 0;
      assert.deepEqual([take(), take()], [true, false]);
    } finally {
      clock.restore();
    }
  });

  it('has the sound of its own receiver for it, and closes both', () => {
    const camera = receiver(0);
    const microphone = receiver(0);
    microphone.take = (samples) => ({ frame: undefined, sound: Buffer.alloc(samples, 2) });
    const source = open(camera, microphone);
    assert.deepEqual(source.take(2).sound, Buffer.from([2, 2]));
    assert.deepEqual(open(camera, undefined).take(2).sound, Buffer.from([1, 1]));
    source.dispose();
    assert.deepEqual([camera.disposed, microphone.disposed], [true, true]);
  });
});
