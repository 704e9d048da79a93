import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { SourceWithFallback } from '../../../../src/encoder/sources/source-with-fallback.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { FakeSource } from './fake-source.js';

const SLOT_MS = 40;
const SOURCE = 1;
const FALLBACK = 2;
const STILL = 3;

describe('SourceWithFallback', () => {
  let clock: FakeClock;
  let pool: FramePool;
  let source: FakeSource;
  let fallbacks: FakeSource[];
  let stage: SourceWithFallback;

  beforeEach(() => {
    clock = new FakeClock();
    pool = new FramePool(6, 20);
    source = new FakeSource(pool);
    fallbacks = [];
  });
  afterEach(() => {
    stage.dispose();
    assert.equal(pool.inUse, 0, 'every frame is given back');
    clock.restore();
  });

  function open(
    options: { hasFallback?: boolean; reopensWithinMs?: number; keepsFallbackOpen?: boolean } = {},
  ): void {
    const { hasFallback = true, reopensWithinMs, keepsFallbackOpen = false } = options;
    stage = new SourceWithFallback({
      source,
      openFallback: hasFallback ? openFallback : undefined,
      keepsFallbackOpen,
      still: () => {
        const frame = pool.acquire();
        frame?.bytes.fill(STILL);
        return frame;
      },
      reopensWithinMs,
    });
  }
  /** It delivers once a test says so. */
  function openFallback(): FakeSource {
    const fallback = new FakeSource(pool);
    fallbacks.push(fallback);
    return fallback;
  }
  const nth = (index: number) => fallbacks.at(index) ?? assert.fail('the fallback is not open');
  /** Plays for so long: the frame of each slot, or undefined where the one before stays on air. */
  async function play(ms: number): Promise<(number | undefined)[]> {
    const shown: (number | undefined)[] = [];
    for (let left = ms; left > 0; left -= SLOT_MS) {
      const { frame } = stage.take(10);
      shown.push(frame?.bytes[0]);
      frame?.release();
      await clock.pass(SLOT_MS, SLOT_MS);
    }
    return shown;
  }
  const only = (shown: (number | undefined)[]) => [...new Set(shown)];

  it('shows the source, then its last frame for a second, then the fallback, and the source again by itself', async () => {
    open();
    source.become('live', SOURCE);
    assert.deepEqual(only(await play(400)), [SOURCE]);
    source.become('stalled');
    assert.deepEqual(only(await play(160)), [undefined]);
    assert.equal(fallbacks.length, 0);
    assert.deepEqual(only(await play(200)), [undefined]);
    assert.equal(fallbacks.length, 1, 'it is opened before it is needed');
    nth(0).become('live', FALLBACK);
    assert.deepEqual(only(await play(600)), [undefined]);
    assert.deepEqual(only((await play(400)).slice(1)), [FALLBACK]);
    source.become('live', SOURCE);
    assert.deepEqual(only(await play(4000)), [SOURCE]);
    assert.equal(fallbacks[0]?.disposed, 0, 'it may be lost again soon');
    await play(2000);
    assert.equal(fallbacks[0]?.disposed, 1);
  });

  it('does not show the fallback for what is back soon', async () => {
    open();
    source.become('live', SOURCE);
    await play(200);
    source.become('stalled');
    await play(400);
    nth(0).become('live', FALLBACK);
    await play(400);
    source.become('live', SOURCE);
    assert.deepEqual(only(await play(200)), [SOURCE]);
    assert.equal(fallbacks[0]?.taken, 0);
  });

  it('shows the fallback until the source that is back has a new frame, which it may never have', async () => {
    open();
    source.become('live', SOURCE);
    await play(200);
    source.become('stalled');
    await play(400);
    nth(0).become('live', FALLBACK);
    await play(1200);
    source.become('live');
    assert.deepEqual(only(await play(160)), [FALLBACK]);
    source.shade = SOURCE;
    assert.deepEqual(only(await play(160)), [SOURCE]);
    source.become('stalled');
    assert.deepEqual(only(await play(1200)), [undefined, FALLBACK]);
    source.become('live');
    assert.deepEqual(only(await play(400)), [FALLBACK]);
    assert.deepEqual(await play(80), [SOURCE, undefined]);
  });

  it('shows a fallback that has a single frame also when the source is lost again soon', async () => {
    open();
    source.become('live', SOURCE);
    await play(200);
    source.become('stalled');
    await play(400);
    const image = nth(0).become('live');
    await play(640);
    image.shade = FALLBACK;
    await play(40);
    image.shade = undefined;
    await play(400);
    source.become('live', SOURCE);
    await play(400);
    source.become('stalled');
    assert.deepEqual(only(await play(2000)), [undefined, FALLBACK]);
    assert.equal(fallbacks.length, 1);
  });

  it('shows a plain frame without a fallback, and until a fallback is there', async () => {
    open({ hasFallback: false });
    source.become('live', SOURCE);
    await play(200);
    source.become('stalled');
    assert.deepEqual(only(await play(2000)), [undefined, STILL]);
    stage.dispose();
    open();
    source.become('stalled');
    assert.deepEqual(await play(120), [STILL, undefined, undefined]);
    nth(0).become('live', FALLBACK);
    assert.deepEqual(only((await play(200)).slice(1)), [FALLBACK]);
  });

  it('opens a fallback that cannot deliver once, and another one when the source is lost much later', async () => {
    open();
    for (const times of [1, 2]) {
      source.become('live', SOURCE);
      assert.deepEqual(only(await play(6000)), [SOURCE]);
      source.become('stalled');
      await play(400);
      nth(-1).become('retrying');
      assert.deepEqual(only(await play(2000)), [undefined, STILL]);
      assert.equal(fallbacks.length, times);
    }
    source.become('live', SOURCE);
    await play(6000);
    assert.deepEqual(
      fallbacks.map(({ disposed }) => disposed),
      [1, 1],
    );
  });

  it('keeps a fallback open that is to be there before it is needed', async () => {
    open({ keepsFallbackOpen: true });
    source.become('live', SOURCE);
    await play(7000);
    assert.deepEqual([fallbacks.length, nth(0).disposed, nth(0).taken], [1, 0, 0]);
    nth(0).become('live', FALLBACK);
    source.become('stalled');
    assert.deepEqual(only(await play(2000)), [undefined, FALLBACK]);
    assert.equal(fallbacks.length, 1);
  });

  it('can begin once its source is ready, or shortly after a source that was on air before', async () => {
    open();
    await clock.pass(5000, 1000);
    assert.equal(stage.isReady, false);
    source.isReady = true;
    assert.equal(stage.isReady, true);
    source.isReady = false;
    stage.dispose();
    open({ reopensWithinMs: 300 });
    assert.equal(stage.isReady, false);
    await clock.pass(200);
    assert.equal(stage.isReady, false);
    await clock.pass(200);
    assert.equal(stage.isReady, true);
  });

  it('shows the last frame of a source that has ended', async () => {
    open();
    source.become('live', SOURCE);
    await play(200);
    source.become('ended');
    assert.equal(stage.ended, true);
    assert.deepEqual(only(await play(3000)), [undefined]);
    assert.equal(fallbacks.length, 0);
  });

  it('has an owner for every frame, whatever its source and its fallback do', async () => {
    clock.restore();
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            state: fc.constantFrom('live' as const, 'stalled' as const, 'retrying' as const),
            shade: fc.option(fc.constant(SOURCE), { nil: undefined }),
            fallback: fc.option(fc.constant(FALLBACK), { nil: undefined }),
            ms: fc.integer({ min: 1, max: 2500 }),
          }),
          { maxLength: 8 },
        ),
        async (steps) => {
          clock = new FakeClock();
          pool = new FramePool(6, 20);
          source = new FakeSource(pool);
          fallbacks = [];
          open();
          for (const { state, shade, fallback, ms } of steps) {
            source.become(state, shade);
            for (const one of fallbacks) one.become(fallback === undefined ? 'stalled' : 'live', fallback);
            await play(ms);
            assert.ok(pool.inUse <= 2, 'the last frame of each');
            assert.ok(fallbacks.filter(({ disposed }) => disposed === 0).length <= 1);
          }
          stage.dispose();
          assert.equal(pool.inUse, 0);
          assert.ok(fallbacks.every(({ disposed }) => disposed === 1));
          clock.restore();
        },
      ),
      { numRuns: 40 },
    );
    clock = new FakeClock();
  });
});
