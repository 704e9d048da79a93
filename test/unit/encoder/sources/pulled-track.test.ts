import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FfmpegExit } from '../../../../src/encoder/ffmpeg-errors.js';
import { PulledTrack } from '../../../../src/encoder/sources/pulled-track.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { CLEAN, COMPLAINING, FAILED, FakeProcess, KILLED, LACKING } from './fake-processes.js';

/** Each packet is 0.1 s long, and is its own number. */
const PACKET_S = 0.1;

class FakeReading {
  readonly queue = { arrived: 0, isEmpty: true, ended: false, quietSinceMs: performance.now() };
  readonly process = new FakeProcess(() => {
    this.queue.ended = true;
    this.packets.length = 0;
    this.queue.isEmpty = true;
  });
  readonly packets: number[] = [];

  constructor(readonly fromS: number) {}

  get endS(): number {
    return this.fromS + this.queue.arrived * PACKET_S;
  }

  deliver(count: number): void {
    for (let i = 0; i < count; i++) {
      this.packets.push(Math.round(this.endS / PACKET_S));
      this.queue.arrived += 1;
    }
    this.queue.isEmpty = this.packets.length === 0;
    this.queue.quietSinceMs = performance.now();
  }

  take(): number | undefined {
    const packet = this.packets.shift();
    this.queue.isEmpty = this.packets.length === 0;
    return packet;
  }

  /** Its connection closes, and it exits. */
  end(exit: FfmpegExit): void {
    this.queue.ended = true;
    this.process.exit(exit);
  }
}

describe('PulledTrack', () => {
  let clock: FakeClock;
  let readings: FakeReading[];
  let losses: FfmpegExit[];
  let damage: [number, number][];
  let endsByLoss: boolean;
  let track: PulledTrack<FakeReading['queue']>;

  beforeEach(() => {
    clock = new FakeClock();
    readings = [];
    losses = [];
    damage = [];
    endsByLoss = false;
  });
  afterEach(() => {
    track.dispose();
    clock.restore();
  });

  function open(durationS?: number): void {
    track = new PulledTrack({
      durationS,
      open: (fromS) => {
        const reading = new FakeReading(fromS);
        readings.push(reading);
        return reading;
      },
      endOf: (reading) => readings.find(({ queue }) => queue === reading.queue)?.endS ?? Number.NaN,
      onLoss: (exit) => {
        losses.push(exit);
        if (endsByLoss) track.dispose();
      },
      onDamage: (fromS, toS) => damage.push([fromS, toS]),
    });
  }
  const nth = (index: number) => readings.at(index) ?? assert.fail('no such reading');
  /** What the reader has for its place `position`, like a playback. */
  function take(position: number): number | undefined {
    for (;;) {
      const reading = readings.find(({ queue }) => queue === track.reading?.queue);
      const packet = reading?.take();
      if (packet === undefined || packet >= position) return packet;
    }
  }
  function takeAll(from = 0): number[] {
    const taken: number[] = [];
    for (let packet = take(from); packet !== undefined; packet = take(from + taken.length))
      taken.push(packet);
    return taken;
  }
  /** Waits for more, like a programme at 25 frames/s. */
  async function awaitMore(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 40) {
      track.awaitMore();
      await clock.pass(Math.min(left, 40));
    }
  }
  it('gives each one that delivers nothing twice as long as the one before, until one delivers', async () => {
    open();
    for (const [seconds, count] of [
      [3, 2],
      [6, 3],
      [12, 4],
      [24, 5],
      [24, 6],
    ] as const) {
      await awaitMore(seconds * 1000 - 400);
      assert.equal(readings.length, count - 1, `${seconds} s`);
      await awaitMore(480);
      assert.equal(readings.length, count, `${seconds} s`);
    }
    nth(-1).deliver(2);
    assert.deepEqual(takeAll(), [0, 1]);
    nth(-1).end(KILLED);
    await clock.settle();
    await clock.pass(300);
    const { length } = readings;
    await awaitMore(2800);
    assert.equal(readings.length, length);
    await awaitMore(500);
    assert.equal(readings.length, length + 1);
  });

  it('starts nothing more where the loss that it reports is its end', async () => {
    endsByLoss = true;
    open();
    nth(0).end(FAILED);
    await clock.settle();
    await clock.pass(5000);
    assert.deepEqual([losses.length, readings.length, clock.pending], [1, 1, 0]);
  });

  const count = (to: number, from = 0) => Array.from({ length: to - from }, (_, index) => from + index);

  it('is complete once its process has ended and all has arrived, and over once that has been taken', async () => {
    open(1);
    nth(0).deliver(10);
    nth(0).process.exit(CLEAN);
    await clock.settle();
    assert.equal(track.complete, false, 'its connection is still open');
    nth(0).queue.ended = true;
    assert.equal(track.complete, true);
    assert.equal(track.over, false);
    assert.deepEqual(takeAll(), count(10));
    assert.equal(track.over, true);
    assert.deepEqual([readings.length, losses.length, damage.length], [1, 0, 0]);
  });

  it('continues at once where a process was killed, and gives out what that had delivered first', async () => {
    open(10);
    nth(0).deliver(13);
    nth(0).end(KILLED);
    await clock.pass(1);
    assert.equal(readings.length, 2);
    assert.ok(Math.abs(nth(1).fromS - 1.3) < 1e-9);
    assert.deepEqual(losses, [{ ...KILLED, delivered: true }]);
    assert.equal(track.failure, losses[0]);
    nth(1).deliver(2);
    assert.deepEqual(takeAll(), count(15));
    assert.equal(track.failure, undefined);
  });

  it('starts another process beside one that hangs, and uses the first of the two that delivers', async () => {
    for (const revived of [0, 1]) {
      readings = [];
      open(10);
      nth(0).deliver(5);
      assert.deepEqual(takeAll(), count(5));
      await awaitMore(200);
      assert.equal(readings.length, 1);
      await awaitMore(120);
      assert.equal(readings.length, 2, 'after a quarter of a second');
      nth(revived).deliver(5);
      assert.deepEqual(takeAll(5), count(10, 5));
      assert.equal(nth(0).process.killed, revived === 1);
      track.dispose();
    }
  });

  it('gives a process more time for its first packet, and then replaces it', async () => {
    open(10);
    await awaitMore(2900);
    assert.equal(readings.length, 1);
    await awaitMore(300);
    assert.equal(readings.length, 2);
    assert.equal(nth(0).process.killed, true);
    assert.equal(nth(1).fromS, 0);
  });

  it('plays a track to its end in whatever order processes deliver, hang, are killed and end', async () => {
    const LENGTH = 30;
    const event = fc.oneof(
      { weight: 5, arbitrary: fc.record({ deliver: fc.integer({ min: 1, max: 4 }), by: fc.nat(2) }) },
      { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 400 }) }) },
      { weight: 3, arbitrary: fc.constant({ take: true }) },
      fc.record({ kill: fc.nat(2) }),
    );
    clock.restore();
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
        clock = new FakeClock();
        readings = [];
        damage = [];
        open(LENGTH * PACKET_S);
        const taken: number[] = [];
        const alive = () => readings.filter(({ queue, process }) => !queue.ended && !process.killed);
        const deliver = (reading: FakeReading | undefined, most: number) => {
          if (reading === undefined) return;
          reading.deliver(Math.min(most, LENGTH - Math.round(reading.endS / PACKET_S)));
          if (Math.round(reading.endS / PACKET_S) >= LENGTH) reading.end(CLEAN);
        };
        const pull = async (ms: number) => {
          taken.push(...takeAll(taken.length));
          if (!track.over) await awaitMore(ms);
          taken.push(...takeAll(taken.length));
        };
        for (const one of events) {
          if ('deliver' in one) deliver(alive().at(-1 - one.by), one.deliver);
          else if ('wait' in one) await pull(one.wait);
          else if ('take' in one) await pull(1);
          else if (damage.length === 0)
            alive()
              .at(-1 - one.kill)
              ?.end(KILLED);
          await clock.settle();
        }
        for (let round = 0; round < 60 && !track.over; round++) {
          deliver(alive().at(-1), 10);
          await clock.settle();
          await pull(500);
        }
        assert.equal(track.over, true, `${taken.length} taken`);
        if (damage.length === 0) assert.deepEqual(taken, count(LENGTH));
        else assert.equal(taken.at(-1), LENGTH - 1);
        track.dispose();
        await clock.pass(6000, 1000);
        assert.ok(readings.every(({ queue }) => queue.ended));
        assert.equal(clock.pending, 0);
        clock.restore();
      }),
      { numRuns: 60 },
    );
    clock = new FakeClock();
  });

  it('leaves out what comes after the end of a file that has been cut off, and ends where nothing follows', async () => {
    open(20);
    nth(0).deliver(50);
    nth(0).end(COMPLAINING);
    for (const [index, fromS] of [6, 9, 20].entries()) {
      await clock.pass(10_000, 1000);
      assert.equal(damage[index]?.[1], fromS);
      readings[index + 1]?.end(COMPLAINING);
    }
    await clock.settle();
    assert.deepEqual(damage, [
      [5, 6],
      [5, 9],
      [5, 20],
    ]);
    assert.deepEqual(takeAll(), count(50));
    assert.equal(track.over, true);
  });

  it('leaves out a spot at which processes fail twice, and goes on behind it', async () => {
    open(60);
    nth(0).deliver(10);
    nth(0).end(FAILED);
    await clock.pass(1);
    nth(1).deliver(2);
    nth(1).end(FAILED);
    await clock.pass(300);
    assert.equal(damage.length, 1);
    assert.ok(Math.abs((damage[0]?.[1] ?? 0) - 2.2) < 1e-9);
    assert.ok(Math.abs(nth(2).fromS - 2.2) < 1e-9);
    nth(2).deliver(3);
    assert.deepEqual(takeAll(), [...count(12), 22, 23, 24]);
  });

  it('does not take failures in different places for a spot', async () => {
    open(60);
    for (let index = 0; index < 5; index++) {
      nth(index).deliver(10);
      nth(index).end(KILLED);
      await clock.pass(1);
      assert.equal(readings.length, index + 2, 'another one is started at once');
    }
    assert.deepEqual(damage, []);
  });

  it('does not report a spot behind the end', async () => {
    open(1);
    nth(0).deliver(11);
    nth(0).end(FAILED);
    await clock.pass(1);
    nth(1).end(FAILED);
    await clock.pass(300);
    assert.deepEqual(takeAll(), count(11));
    assert.equal(track.over, true);
    assert.deepEqual(damage, []);
  });

  it('tries what has never delivered again, ever more rarely, and without leaving anything out', async () => {
    open(60);
    for (let index = 0; index < 40; index++) {
      for (const reading of readings) reading.end(FAILED);
      await clock.pass(500);
    }
    assert.ok(readings.length >= 6 && readings.length <= 12, `${readings.length} starts in 20 s`);
    assert.ok(readings.every(({ fromS }) => fromS === 0));
    assert.deepEqual(damage, []);
    assert.deepEqual(track.failure, { ...FAILED, delivered: false });
    while (nth(-1).queue.ended) await clock.pass(500);
    nth(-1).deliver(1);
    assert.deepEqual(takeAll(), [0]);
    assert.equal(track.failure, undefined, 'it has recovered');
  });

  it('does not take a file for damaged by an ffmpeg that lacks something', async () => {
    open(60);
    nth(0).end(LACKING);
    await clock.pass(500);
    nth(-1).end(LACKING);
    await clock.pass(10_000, 1000);
    assert.deepEqual([damage, nth(-1).fromS, track.failure?.log], [[], 0, LACKING.log]);
  });

  /** One hangs, and those beside it have failed twice: the next one is started later. */
  async function hang(): Promise<void> {
    open(60);
    nth(0).deliver(5);
    takeAll();
    await awaitMore(320);
    nth(1).end(FAILED);
    await clock.pass(1);
    nth(2).end(FAILED);
    await clock.settle();
  }

  it('has one process beside one that hangs, also while those that are started fail', async () => {
    await hang();
    await awaitMore(400);
    assert.equal(readings.filter(({ queue }) => !queue.ended).length, 2);
    nth(-1).end(FAILED);
    nth(0).end(FAILED);
    await clock.settle();
    track.dispose();
    const started = readings.length;
    await clock.pass(10_000, 1000);
    assert.equal(readings.length, started, 'one was started after the end');
  });

  it('starts no other process once one that hung has ended in order', async () => {
    await hang();
    nth(0).deliver(5);
    nth(0).end(CLEAN);
    await clock.pass(10_000, 1000);
    assert.equal(readings.length, 3);
    assert.deepEqual(takeAll(5), count(10, 5));
    assert.equal(track.over, true);
    assert.equal(track.failure, undefined);
  });

  it('has nobody left once it has been closed, whenever that is', async () => {
    for (const exit of [CLEAN, KILLED, COMPLAINING]) {
      readings = [];
      open(60);
      nth(0).deliver(5);
      nth(0).end(exit);
      await clock.settle();
      track.dispose();
      await clock.pass(10_000, 1000);
      assert.ok(readings.every(({ queue }) => queue.ended));
      assert.equal(clock.pending, 0);
    }
  });
});
