import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { slotAt } from '../../../../src/encoder/tracks/decoding-times.js';
import { VideoTrack } from '../../../../src/encoder/tracks/video-track.js';
import { parseVideoPayload } from '../../../../src/media/video-payload.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { type FakeFrame, FakeSlotEncoder, readFakeFrame } from './fake-slot-encoder.js';

const FPS = 30;
const DELAY_FRAMES = 12;

interface Sent extends FakeFrame {
  readonly slot: number;
  readonly dtsMs: number;
  readonly ptsMs: number;
}

describe('VideoTrack, with B-frames and lookahead', () => {
  let clock: FakeClock;
  let encoders: FakeSlotEncoder[];
  let sent: Sent[];
  let pool: FramePool;
  let track: VideoTrack;
  let slot: number;
  let sizes: readonly number[];

  beforeEach(() => {
    clock = new FakeClock();
    setUp([4]);
  });
  afterEach(() => {
    track.dispose();
    clock.restore();
  });

  function setUp(miniGops: readonly number[], lookahead = 8): void {
    encoders = [];
    sent = [];
    slot = 0;
    sizes = miniGops;
    pool = new FramePool(16, 200);
    track = new VideoTrack({
      fps: FPS,
      keyframeSlots: 20,
      delaySlots: DELAY_FRAMES,
      start: () => {
        const encoder = new FakeSlotEncoder({ sizes, lookahead });
        encoders.push(encoder);
        return encoder as never;
      },
      onLoss: () => {},
      onTag: ({ timestampMs, payload }) => {
        if (payload[1] !== 1) return;
        const ptsMs = timestampMs + parseVideoPayload(payload).compositionMs;
        sent.push({ ...readFakeFrame(payload), slot: slotAt(ptsMs, FPS), dtsMs: timestampMs, ptsMs });
      },
    });
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
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
  const shown = () => sent.map((frame) => frame.slot).sort((a, b) => a - b);

  /** What every decoder asks of the stream. */
  function checkDecodable(): void {
    const before: Sent[] = [];
    for (const frame of sent) {
      const last = before.at(-1);
      assert.ok(frame.dtsMs > (last?.dtsMs ?? -1), `DTS ${frame.dtsMs} after ${last?.dtsMs}`);
      assert.ok(frame.ptsMs >= frame.dtsMs, `slot ${frame.slot}: PTS ${frame.ptsMs}, DTS ${frame.dtsMs}`);
      if (frame.keyframe)
        assert.ok(
          before.every((other) => other.slot < frame.slot),
          `slot ${frame.slot} is shown too early`,
        );
      // It may refer to all that its encoder has made since the keyframe.
      else assert.deepEqual([frame.encoder, frame.index], [last?.encoder, (last?.index ?? 0) + 1]);
      before.push(frame);
    }
    const slots = shown();
    assert.equal(new Set(slots).size, slots.length, 'a slot is repeated');
  }

  it('sends whole mini-GOPs, in decoding order, and keeps the rest', () => {
    put(17);
    live().deliver();
    assert.deepEqual(
      sent.map((frame) => frame.slot),
      [0, 4, 2, 1, 3, 8, 6, 5, 7],
    );
    assert.equal(pool.inUse, 8);
    assert.equal(track.deliveredSlot, 8);
    checkDecodable();
  });

  it('continues with the first slot of the mini-GOP that the dead encoder delivered in part', async () => {
    put(17);
    live().deliver(7);
    assert.deepEqual(shown(), upTo(5));
    live().exit(1);
    await clock.settle();
    assert.equal(live().slots[0], 5);
    put(8);
    live().deliver();
    assert.equal(sent[5]?.keyframe, true);
    assert.deepEqual(shown(), upTo(sent.length));
    checkDecodable();
  });

  it('waits for an encoder that keeps frames back, and for no longer than others when it keeps more', async () => {
    put(DELAY_FRAMES);
    const first = live();
    await clock.pass(3000, 50);
    track.check();
    assert.deepEqual([live(), track.heldPid], [first, encoders[1]?.pid]);
    put();
    await clock.pass(800, 50);
    track.check();
    assert.equal(encoders[1]?.slots.length, DELAY_FRAMES + 1, 'the held one is fed');
    encoders[1]?.deliver();
    assert.equal(first.killed, true);
  });

  it('keeps 1.5 s more than the encoder keeps back, and skips slots above', async () => {
    for (let i = 0; i < 200; i++) {
      put();
      await clock.pass(2, 2);
    }
    assert.equal(pool.inUse, 45 + DELAY_FRAMES);
    assert.equal(track.skippedSlots, 200 - 45 - DELAY_FRAMES);
  });

  it('delivers all that is owed at the end, also where the encoder dies over it', async () => {
    put(30);
    live().deliver(5);
    const [first, second] = encoders;
    const ending = track.end();
    await clock.settle();
    first?.deliver(7);
    first?.exit(1);
    await clock.settle();
    assert.equal(second?.ending, true);
    second?.deliver();
    second?.exit(0);
    await ending;
    assert.deepEqual(shown(), upTo(30));
    checkDecodable();
    assert.equal(pool.inUse, 0);
  });

  it('sends a sequence that is whole and in order, whatever mini-GOPs encoders make and when they are killed', async () => {
    const event = fc.constantFrom('put', 'put', 'put', 'put 5', 'deliver', 'deliver', 'all', 'kill', 'hang');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 8 }),
        fc.array(event, { maxLength: 120 }),
        async (miniGops, lookahead, events) => {
          track.dispose();
          setUp(miniGops, lookahead);
          for (const what of events) {
            if (what === 'put') put();
            else if (what === 'put 5') put(5);
            else if (what === 'deliver') live()?.deliver(2);
            else if (what === 'all') live()?.deliver();
            else if (what === 'kill') live()?.exit(1);
            else {
              await clock.pass(900, 50);
              const rival = encoders.find(({ sink, pid }) => sink !== undefined && pid !== track.livePid);
              rival?.deliver();
            }
            await clock.settle();
          }
          for (let ms = 0; ms < 12_000 && live() === undefined; ms += 500) await clock.pass(500);
          const last = live();
          const ending = track.end();
          await clock.settle();
          last.deliver();
          last.exit(0);
          await ending;
          checkDecodable();
          assert.equal(sent.length, slot - track.skippedSlots);
          assert.equal(pool.inUse, 0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
