import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Frame, FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import type { VideoSink } from '../../../../src/encoder/tracks/video-encoder.js';
import { VideoTrack } from '../../../../src/encoder/tracks/video-track.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { FakeEncoder } from './fake-encoder.js';

const FPS = 30;

class FakeSlotEncoder extends FakeEncoder<VideoSink> {
  readonly slots: number[] = [];
  private next = 0;

  write(slot: number, _frame: Frame): void {
    this.slots.push(slot);
  }

  /** Delivers the next frames that it was given. */
  deliver(count = Number.POSITIVE_INFINITY): void {
    if (this.next === 0 && this.slots.length > 0) this.sink?.takeHeader(Buffer.from('header'));
    for (; this.next < this.slots.length && count > 0; count--) {
      const slot = this.slots[this.next++] ?? 0;
      this.sink?.takeFrame(slot, { kind: 'video', timestampMs: slot, payload: Buffer.from([slot % 256]) });
    }
  }
}

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
      start: () => {
        const encoder = new FakeSlotEncoder();
        encoders.push(encoder);
        return encoder as never;
      },
      onLoss: () => {},
      onTag: ({ timestampMs, payload }) =>
        tags.push(payload.toString() === 'header' ? 'header' : timestampMs),
    });
  });
  afterEach(() => {
    track.dispose();
    clock.restore();
  });

  const live = () => encoders.find(({ pid }) => pid === track.livePid) as FakeSlotEncoder;
  function put(count = 1): void {
    for (let i = 0; i < count; i++) {
      const frame = pool.acquire();
      assert.ok(frame !== undefined, 'the pool is empty');
      track.put(slot++, frame);
      frame.release();
    }
  }
  const frames = () => tags.filter((tag) => tag !== 'header');
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

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

  it('replaces an encoder that delivers nothing for 700 ms, and loses nothing that it owes', async () => {
    put();
    live().deliver();
    const first = live();
    for (let ms = 0; ms < 690; ms += 33) {
      put();
      await clock.pass(33, 33);
    }
    assert.equal(live(), first);
    await clock.pass(100, 10);
    assert.notEqual(live(), first);
    assert.equal(first.killed, true);
    put(3);
    live().deliver();
    assert.deepEqual(frames(), upTo(slot));
    assert.equal(track.skippedSlots, 0);
    // It was stopped, and continues: nobody listens any more.
    first.deliver();
    assert.deepEqual(frames(), upTo(slot));
  });

  it('lets an encoder rest while it has nothing to encode', async () => {
    put();
    live().deliver();
    const first = live();
    await clock.pass(10_000);
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

  it('delivers each slot that was not skipped once and in order, whatever happens to encoders', async () => {
    const event = fc.constantFrom('put', 'put', 'put', 'deliver', 'all', 'kill', 'kill held', 'wait');
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
        tags = [];
        const begin = slot;
        for (const what of events) {
          if (what === 'put') put();
          else if (what === 'deliver') live()?.deliver(1);
          else if (what === 'all') live()?.deliver();
          else if (what === 'wait') await clock.pass(400, 50);
          else if (what === 'kill') live()?.exit(1);
          else encoders.find(({ pid }) => pid === track.heldPid)?.exit(1);
          await clock.settle();
        }
        for (let ms = 0; ms < 12_000 && live() === undefined; ms += 500) await clock.pass(500);
        live().deliver();
        await clock.settle();
        assert.equal(frames().length, slot - begin - track.skippedSlots);
        assert.deepEqual(
          frames(),
          upTo(slot - begin).map((n) => n + begin),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('releases what it keeps when it is disposed of', () => {
    put(4);
    track.dispose();
    assert.equal(pool.inUse, 0);
    assert.ok(encoders.every(({ killed }) => killed));
  });
});
