import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { slotAt } from '../../../../src/encoder/tracks/decoding-times.js';
import { VideoTrack } from '../../../../src/encoder/tracks/video-track.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { FakeSlotEncoder, GOP } from './fake-slot-encoder.js';

const FPS = 30;

describe('VideoTrack', () => {
  let clock: FakeClock;
  let encoders: FakeSlotEncoder[];
  let tags: (number | string)[];
  let pool: FramePool;
  let track: VideoTrack;
  let slot: number;

  beforeEach(() => {
    clock = new FakeClock();
    encoders = [];
    tags = [];
    slot = 0;
    pool = new FramePool(16, 100);
    track = new VideoTrack({
      fps: FPS,
      keyframeSlots: GOP,
      delaySlots: 0,
      start: () => starting('header'),
      onLoss: () => {},
      onTag: ({ timestampMs, payload }) =>
        tags.push(payload[1] === 1 ? slotAt(timestampMs, FPS) : payload.toString()),
    });
  });
  afterEach(() => {
    track.dispose();
    clock.restore();
  });

  function starting(header: string): FakeSlotEncoder {
    const encoder = new FakeSlotEncoder({ header });
    encoders.push(encoder);
    return encoder;
  }
  const live = () => encoders.find(({ pid }) => pid === track.livePid) as FakeSlotEncoder;
  function put(count = 1): void {
    for (let i = 0; i < count; i++) {
      const frame = pool.acquire();
      assert.ok(frame !== undefined, 'the pool is empty');
      track.put(slot++, frame);
      frame.release();
    }
  }
  const frames = () => tags.filter((tag) => typeof tag === 'number');
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

  it('wakes nobody while its encoders wait for a start', async () => {
    await clock.pass(1000);
    assert.notEqual(track.heldPid, 0);
    assert.equal(clock.pending, 0);
  });

  /** Lets time pass in which the track looks at its encoders, as it does at each slot. */
  async function wait(ms: number, stepMs: number): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await clock.pass(Math.min(left, stepMs), stepMs);
      track.check();
    }
  }

  it('passes frames on in their order, with the header once, and keeps none that was delivered', () => {
    for (let i = 0; i < 10; i++) {
      put();
      live().deliver();
    }
    assert.deepEqual(tags, ['header', ...upTo(10)]);
    assert.equal(pool.inUse, 0);
    assert.equal(track.deliveredSlot, 9);
  });

  it('continues with the next slot when the encoder dies, whatever it owes', async () => {
    put(5);
    live().deliver(2);
    const held = track.heldPid;
    live().exit(1);
    await clock.settle();
    assert.equal(track.livePid, held);
    assert.deepEqual(live().slots, [2, 3, 4]);
    put();
    live().deliver();
    assert.deepEqual(tags, ['header', ...upTo(6)]);
    assert.equal(pool.inUse, 0);
    assert.equal(track.encoders, 2);
  });

  it('replaces an encoder that delivers nothing for 700 ms by one that does, and loses nothing that it owes', async () => {
    put();
    live().deliver();
    const first = live();
    const second = encoders.find(({ pid }) => pid === track.heldPid) as FakeSlotEncoder;
    for (let ms = 0; ms < 690; ms += 33) {
      put();
      await clock.pass(33, 33);
    }
    assert.deepEqual(second.slots, []);
    await clock.pass(100, 10);
    put(3);
    assert.deepEqual([live(), first.killed, second.slots.length], [first, false, slot - 1]);
    second.deliver();
    assert.deepEqual([live(), first.killed], [second, true]);
    assert.deepEqual(tags, ['header', ...upTo(slot)]);
    assert.equal(track.skippedSlots, 0);
    // It was stopped, and continues: nobody listens any more.
    first.deliver();
    assert.deepEqual(frames(), upTo(slot));
  });

  it('gives the first encoder more time to its first frame where it is told to', async () => {
    track.dispose();
    encoders = [];
    track = new VideoTrack({
      ...{ fps: FPS, keyframeSlots: GOP, delaySlots: 0, startupMs: 3000 },
      ...{ start: () => starting('header'), onLoss: () => {}, onTag: () => {} },
    });
    put(3);
    await wait(2900, 50);
    assert.equal(encoders[1]?.slots.length, 0);
    await wait(200, 50);
    assert.equal(encoders[1]?.slots.length, 3);
    encoders[1]?.deliver();
    put();
    await wait(800, 50);
    assert.equal(encoders[2]?.slots.length, 1, 'later ones have less');
  });

  it('keeps an encoder that was only slow', async () => {
    put();
    live().deliver();
    const first = live();
    put(5);
    // Each time longer than before.
    for (const [silentMs, waitMs] of [
      [600, 200],
      [800, 200],
      [1100, 200],
    ] as const) {
      const rival = encoders.find(({ pid }) => pid === track.heldPid) as FakeSlotEncoder;
      await wait(silentMs, 10);
      assert.deepEqual(rival.slots, []);
      await wait(waitMs, 10);
      assert.ok(rival.slots.length > 0, `after ${silentMs} ms`);
      first.deliver(1);
      assert.deepEqual([live(), first.killed, rival.killed], [first, false, true]);
      rival.deliver();
    }
    put();
    first.deliver();
    assert.deepEqual(frames(), upTo(7));
  });

  it('tries one after the other where several deliver nothing', async () => {
    put();
    live().deliver();
    const first = live();
    put(5);
    await wait(5000, 50);
    const spent = encoders.filter(({ killed }) => killed);
    assert.ok(spent.length >= 2 && spent.length <= 4, `${spent.length} rivals`);
    assert.equal(live(), first);
    encoders.find(({ killed, slots, pid }) => !killed && slots.length > 0 && pid !== first.pid)?.deliver();
    assert.notEqual(live(), first);
    assert.deepEqual(frames(), upTo(6));
  });

  it('leaves no slot out while an encoder catches up with what another one owed, though it pauses', async () => {
    put();
    live().deliver();
    const first = live();
    for (let ms = 0; ms < 800; ms += 33) {
      put();
      await clock.pass(33, 33);
    }
    const second = encoders.find(({ pid, slots }) => pid !== first.pid && slots.length > 0) ?? assert.fail();
    // Ten frames at once, then nothing for five slots.
    while (pool.inUse > 0) {
      second.deliver(Math.min(10, pool.inUse));
      if (pool.inUse === 0) break;
      for (let i = 0; i < 5; i++) {
        put();
        await clock.pass(33, 33);
      }
    }
    assert.equal(track.skippedSlots, 0);
    assert.deepEqual(frames(), upTo(slot));
  });

  it('lets an encoder rest while it has nothing to encode', async () => {
    put();
    live().deliver();
    const first = live();
    await wait(10_000, 100);
    assert.equal(live(), first);
    put();
    await clock.pass(100, 10);
    assert.equal(live(), first);
  });

  it('skips slots while the encoder makes progress and owes half a second, and continues on the grid', async () => {
    for (let i = 0; i < 90; i++) {
      put();
      await clock.pass(33, 33);
      if (i % 2 === 1) live().deliver(1);
    }
    assert.ok(track.skippedSlots > 20, `${track.skippedSlots} were skipped`);
    assert.ok(pool.inUse <= 15, `${pool.inUse} are owed`);
    live().deliver();
    assert.equal(frames().length, slot - track.skippedSlots);
    assert.deepEqual(
      frames(),
      [...frames()].sort((a, b) => Number(a) - Number(b)),
    );
  });

  it('keeps at most 1.5 s for an encoder that delivers nothing', async () => {
    for (let i = 0; i < 200; i++) {
      put();
      await clock.pass(2, 2);
    }
    assert.equal(pool.inUse, 45);
  });

  describe('with other settings', () => {
    let successor: FakeSlotEncoder;

    function handOver(stride: 1 | 2 = 1) {
      const ended = track.handOver({ start: () => starting('other') as never, stride });
      successor = encoders.at(-1) as FakeSlotEncoder;
      return ended;
    }
    /** As many slots as it takes to reach a keyframe that is 300 ms away. */
    function reachCut(first: FakeSlotEncoder): void {
      while (successor.slots.length === 0) {
        put();
        first.deliver();
      }
    }

    it('continues at a keyframe, whose header precedes it, and ends the encoder before in order', async () => {
      put(3);
      const first = live();
      first.deliver();
      const handover = handOver();
      reachCut(first);
      assert.deepEqual(successor.slots, [20]);
      put(2);
      first.deliver();
      assert.deepEqual(frames(), upTo(20));
      successor.deliver();
      assert.deepEqual(await handover, { kind: 'done' });
      assert.deepEqual([live(), first.ending, first.killed], [successor, true, false]);
      put();
      first.deliver();
      successor.deliver();
      assert.deepEqual(tags, ['header', ...upTo(20), 'other', 20, 21, 22, 23]);
      assert.equal(pool.inUse, 0);
      // The one that is held, and later ones, have the new settings.
      live().exit(1);
      await clock.settle();
      assert.equal(live().header, 'other');
    });

    it('continues where it is wanted, with no frame lost, and has its keyframes from there on', async () => {
      const first = live();
      const gridOf = (from: number) => Math.ceil((from - 7) / GOP) * GOP + 7;
      const handover = track.handOver({ start: () => starting('header') as never, beginAt: gridOf });
      successor = encoders.at(-1) as FakeSlotEncoder;
      assert.notEqual(track.keyframeSlot(11), gridOf(11));
      while (slot < 60) {
        put();
        first.deliver();
        successor.deliver();
      }
      assert.deepEqual(await handover, { kind: 'done' });
      assert.deepEqual([live(), successor.slots[0]], [successor, 27]);
      assert.deepEqual(frames(), upTo(60));
      assert.equal(track.keyframeSlot(60), gridOf(60));
      assert.equal(pool.inUse, 0);
    });

    it('waits for what the encoder before still owes', async () => {
      const first = live();
      const handover = handOver();
      for (let i = 0; i < 32; i++) {
        put();
        // It is ten frames late.
        if (slot > 10) first.deliver(1);
        successor.deliver();
      }
      assert.deepEqual([live(), successor.slots[0]], [successor, 20]);
      assert.deepEqual(await handover, { kind: 'done' });
      assert.deepEqual(first.slots, upTo(30), 'until it had delivered what lies below 20');
      assert.deepEqual(frames(), upTo(32));
      assert.equal(track.skippedSlots, 0);
    });

    for (const { how, fail } of [
      { how: 'exits', fail: () => successor.exit(1) },
      { how: 'delivers nothing', fail: () => {} },
    ]) {
      it(`goes on with the encoder before, and loses nothing, where the next one ${how}`, async () => {
        const first = live();
        const handover = handOver();
        reachCut(first);
        const held = track.heldPid;
        for (let i = 0; i < 10; i++) {
          put();
          first.deliver();
          await clock.pass(33, 33);
        }
        assert.deepEqual(frames(), upTo(20), 'the rest is kept');
        fail();
        await clock.pass(1000, 50);
        assert.equal((await handover).kind, how === 'exits' ? 'exited' : 'silent');
        put();
        first.deliver();
        successor.deliver();
        assert.deepEqual(tags, ['header', ...upTo(slot)]);
        assert.deepEqual([live(), track.heldPid], [first, held]);
        assert.equal(track.skippedSlots, 0);
        assert.equal(pool.inUse, 0);
      });
    }

    it('waits for an encoder before that is slow, and leaves out what it is too slow for', async () => {
      const first = live();
      const handover = handOver();
      while (successor.slots.length === 0) {
        put();
        if (slot % 2 === 0) first.deliver(1);
        await clock.pass(33, 33);
      }
      const delivered = frames().length;
      assert.ok(delivered < 20, 'it is late');
      // It needs half a second for each.
      for (let i = 0; i < 14; i++) {
        put(2);
        await clock.pass(500, 50);
        // The computer is, and so is the successor.
        if (i >= 3) successor.deliver();
        if (live() === first) first.deliver(1);
      }
      assert.equal((await handover).kind, 'done');
      assert.ok(frames().length > delivered + 8, 'what it delivered in time is on the stream');
      assert.equal(frames().length, slot - track.skippedSlots);
      assert.deepEqual(
        frames(),
        [...frames()].sort((x, y) => Number(x) - Number(y)),
      );
      assert.equal(pool.inUse, 0);
    });

    it('is interrupted by the loss of the encoder before, and loses nothing', async () => {
      const first = live();
      const handover = handOver();
      reachCut(first);
      put(2);
      first.deliver(1);
      first.exit(1);
      await clock.settle();
      assert.equal((await handover).kind, 'interrupted');
      assert.equal(live().header, 'header');
      successor.deliver();
      put();
      live().deliver();
      assert.deepEqual(frames(), upTo(slot));
    });

    it('ends with the track', async () => {
      const first = live();
      const handover = handOver();
      reachCut(first);
      const ending = track.end();
      first.exit(0);
      await ending;
      assert.equal((await handover).kind, 'ended');
      assert.deepEqual(await track.handOver({ start: () => starting('late') as never }), { kind: 'ended' });
    });

    it('encodes every second slot, and every one again', async () => {
      for (const stride of [2, 1] as const) {
        const before = live();
        const handover = handOver(stride);
        reachCut(before);
        successor.deliver();
        assert.equal((await handover).kind, 'done');
        for (let i = 0; i < 10; i++) {
          put();
          live().deliver();
        }
      }
      const steps = frames().map((frame, index) => Number(frame) - Number(frames()[index - 1] ?? -1));
      assert.deepEqual(new Set(steps), new Set([1, 2]));
      const half = steps.indexOf(2);
      assert.ok(steps.slice(half, steps.lastIndexOf(2)).every((step) => step === 2));
      assert.equal(track.skippedSlots, 0);
      assert.equal(track.deliveredFrames, frames().length);
    });

    it('begins at the next keyframe where the frame at the cut is left out', async () => {
      put();
      const first = live();
      first.deliver();
      const handover = handOver();
      // Two of three are encoded, so that half a second is owed before the cut, and it is due at a multiple of 20.
      for (let i = 0; successor.slots.length === 0; i++) {
        put();
        await clock.pass(33, 33);
        if (i % 3 === 0) first.deliver(1);
      }
      assert.equal((successor.slots[0] ?? 0) % GOP, 0);
      first.deliver();
      successor.deliver();
      assert.equal((await handover).kind, 'done');
      assert.equal(new Set(frames()).size, frames().length);
    });
  });

  it('delivers each slot that was not skipped once and in order, whatever happens to encoders', async () => {
    const event = fc.constantFrom(
      ...['put', 'put', 'put', 'deliver', 'deliver', 'all', 'kill', 'kill held', 'wait'],
      ...['hand over', 'successor', 'successor', 'kill successor', 'rival'],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 100 }), async (events) => {
        tags = [];
        const begin = slot;
        const skippedBefore = track.skippedSlots;
        let successor: FakeSlotEncoder | undefined;
        let handingOver = false;
        const others = () => encoders.filter(({ pid, sink }) => pid !== track.livePid && sink !== undefined);
        for (const what of events) {
          if (what === 'put') put();
          else if (what === 'deliver') live()?.deliver(1);
          else if (what === 'all') live()?.deliver();
          else if (what === 'wait') await clock.pass(400, 50);
          else if (what === 'kill') live()?.exit(1);
          else if (what === 'successor') successor?.deliver(1);
          else if (what === 'kill successor') successor?.exit(1);
          else if (what === 'rival') for (const other of others()) other.deliver(1);
          else if (what === 'kill held') encoders.find(({ pid }) => pid === track.heldPid)?.exit(1);
          else if (!handingOver) {
            handingOver = true;
            void track.handOver({ start: () => starting(`${encoders.length}`) as never }).then(() => {
              handingOver = false;
            });
            successor = encoders.at(-1);
          }
          await clock.settle();
        }
        for (let ms = 0; ms < 12_000 && live() === undefined; ms += 500) await clock.pass(500);
        await clock.pass(1000, 50);
        live().deliver();
        await clock.pass(2000, 50);
        live().deliver();
        for (const other of others()) other.deliver();
        await clock.settle();
        assert.equal(frames().length, slot - begin - (track.skippedSlots - skippedBefore));
        assert.deepEqual(
          frames(),
          [...frames()].sort((a, b) => Number(a) - Number(b)),
        );
        assert.equal(new Set(frames()).size, frames().length);
        assert.equal(pool.inUse, 0);
        for (let i = 0; handingOver && i < 50; i++) {
          put();
          live()?.deliver();
          successor?.deliver();
          await clock.pass(33, 33);
        }
        live()?.deliver();
      }),
      { numRuns: 40 },
    );
  });

  it('releases what it keeps when it is disposed of', () => {
    put(4);
    track.dispose();
    assert.equal(pool.inUse, 0);
    assert.ok(encoders.every(({ killed }) => killed));
  });
});
