import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { DelayLine } from '../../../src/core/publish/delay/delay-line.js';
import { DelayRing } from '../../../src/core/publish/delay/delay-ring.js';
import { type DelayStore, MemoryStore } from '../../../src/core/publish/delay/delay-store.js';
import { isVideoFrame, type StreamTag } from '../../../src/media/stream-tag.js';
import { FakeClock } from '../../support/fake-clock.js';
import { MemoryFiles } from '../../support/memory-files.js';
import { type DelayStreamModel, numberOf, streamOf } from './delay-stream.js';

const DEADLINE_MS = 500;
const FRAME_BYTES = 8000;

/** With frames of the size of real ones, so that there are many files. */
function largeStream(model: DelayStreamModel): StreamTag[] {
  return streamOf(model).map((tag) =>
    isVideoFrame(tag)
      ? { ...tag, payload: Buffer.concat([tag.payload, Buffer.alloc(FRAME_BYTES, numberOf(tag))]) }
      : tag,
  );
}

const MODEL: DelayStreamModel = {
  ...{ fps: 30, gops: [15], bFrames: 0 as const, seconds: 20 },
  ...{ lateMs: [0], soundLateMs: 0 },
};

describe('DelayRing', function () {
  this.timeout(120_000);

  let files: MemoryFiles;
  let ring: DelayRing;
  let clock: FakeClock | undefined;

  beforeEach(() => {
    files = new MemoryFiles();
    ring = new DelayRing(files, { maxBytes: 1e9, deadlineMs: DEADLINE_MS });
  });

  afterEach(() => {
    ring.dispose();
    clock?.restore();
    clock = undefined;
  });

  interface Played {
    readonly aired: StreamTag[];
    readonly mostBytes: number;
  }

  /** Plays the stream through lines of this store in virtual time, and lets the rest air. */
  async function play(
    stream: readonly StreamTag[],
    store: DelayStore,
    delaysMs: readonly number[],
    at: (ms: number, lines: readonly DelayLine[]) => void = () => {},
  ): Promise<Played[]> {
    const lines = delaysMs.map((delayMs) => new DelayLine(delayMs, store));
    const aired: StreamTag[][] = lines.map(() => []);
    const arriving = [...stream];
    const endMs = (stream.at(-1)?.readAtMs ?? 0) + Math.max(...delaysMs) + 1000;
    let mostBytes = 0;
    for (let nowMs = 0; nowMs <= endMs; nowMs += 10) {
      while (arriving[0] !== undefined && arriving[0].readAtMs <= nowMs) {
        const tag = arriving.shift() as StreamTag;
        for (const line of lines) line.push(tag);
      }
      at(nowMs, lines);
      mostBytes = Math.max(mostBytes, store.bytes);
      for (const [index, line] of lines.entries()) {
        line.readAhead(nowMs);
        aired[index]?.push(...line.takeDue(nowMs));
      }
      // What is read meanwhile takes a few turns, as it does on a quick disk.
      await turn();
      await turn();
    }
    for (const line of lines) line.dispose();
    return aired.map((tags) => ({ aired: tags, mostBytes }));
  }

  const seen = ({ aired }: Played) =>
    aired.map(({ kind, track, timestampMs, payload }) => ({ kind, track, timestampMs, payload }));

  /** In order, each once, and nothing that cannot be decoded. */
  function assertPlayable({ aired }: Played): void {
    for (const isTrack of [isVideoFrame, ({ kind }: StreamTag) => kind === 'audio']) {
      const track = aired.filter(isTrack);
      track.slice(1).forEach((tag, index) => {
        const before = track[index] as StreamTag;
        assert.ok(numberOf(tag) > numberOf(before), `${tag.kind} ${numberOf(tag)} after ${numberOf(before)}`);
        assert.ok(tag.timestampMs > before.timestampMs, `${tag.kind} goes back to ${tag.timestampMs}`);
        if (isVideoFrame(tag) && numberOf(tag) !== numberOf(before) + 1) assert.equal(tag.kind, 'keyframe');
        assert.ok(tag.timestampMs - before.timestampMs < 100, `a step from ${before.timestampMs}`);
      });
    }
  }

  it('airs what a delay in memory airs, tag by tag, whatever is cut', async () => {
    const models = fc.record({
      fps: fc.constantFrom(15, 29.97, 30),
      gops: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      bFrames: fc.constantFrom(0 as const, 2 as const),
      seconds: fc.integer({ min: 4, max: 10 }),
      lateMs: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 5 }),
      soundLateMs: fc.integer({ min: -80, max: 80 }),
    });
    const cuts = fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 900 }), lastMs: fc.nat(8000) }), {
      maxLength: 4,
    });
    let reads = 0;
    await fc.assert(
      fc.asyncProperty(
        models,
        fc.integer({ min: 1000, max: 6000 }),
        cuts,
        async (model, delayMs, planned) => {
          const disk = new MemoryFiles();
          const onDisk = new DelayRing(disk, { maxBytes: 1e9, deadlineMs: 60_000 });
          const stream = largeStream(model);
          const cutting = (nowMs: number, lines: readonly DelayLine[]) => {
            for (const { atMs, lastMs } of planned)
              if (atMs * 10 === nowMs) for (const line of lines) line.cut(lastMs + 1);
          };
          const [expected = assert.fail()] = await play(stream, new MemoryStore(1e9), [delayMs], cutting);
          const [aired = assert.fail()] = await play(stream, onDisk, [delayMs], cutting);
          assert.deepEqual(seen(aired), seen(expected));
          assert.equal(onDisk.bytes, 0, 'all memory is free again');
          await onDisk.end();
          assert.equal(disk.files.size, 0);
          reads += disk.reads.length;
        },
      ),
      { numRuns: 15 },
    );
    assert.ok(reads > 0, 'no file was read');
  });

  it('writes once what several outputs have, keeps little in memory, and leaves no file', async () => {
    let most = 0;
    const stream = largeStream(MODEL);
    const [first = assert.fail(), second = assert.fail()] = await play(stream, ring, [6000, 12_000], () => {
      most = Math.max(
        most,
        [...files.files.values()].reduce((sum, { length }) => sum + length, 0),
      );
    });
    const expected = seen({ aired: stream, mostBytes: 0 });
    assert.deepEqual(seen(first), expected);
    assert.deepEqual(seen(second), expected);
    const perSecond = 30 * FRAME_BYTES;
    assert.ok(most > 8 * perSecond && most < 13 * perSecond * 1.1, `${most} bytes on disk`);
    // What is read ahead by both, and what is not written yet.
    assert.ok(first.mostBytes < 8 * perSecond, `${first.mostBytes} bytes in memory`);
    await turn();
    assert.equal(files.files.size, 0);
  });

  it('removes from the disk what was cut', async () => {
    const stream = largeStream(MODEL);
    let before = 0;
    await play(stream, ring, [10_000], (nowMs, [line]) => {
      if (nowMs === 9000) {
        before = files.files.size;
        line?.cut(8000);
      }
      // With the keyframe after it, it is known that none of its sound is needed.
      if (nowMs === 9800) assert.ok(files.files.size < before / 4, `${files.files.size} of ${before} files`);
    });
    assert.ok(before > 10);
  });

  it('goes on with less delay while the disk is full', async () => {
    ring.dispose();
    ring = new DelayRing(files, { maxBytes: 1e6, deadlineMs: DEADLINE_MS });
    files.room = 4 * 30 * FRAME_BYTES;
    clock = new FakeClock();
    let trouble: string | undefined;
    const running = clock;
    const [played = assert.fail()] = await play(largeStream(MODEL), ring, [15_000], () => {
      running.tick(10);
      trouble ??= ring.trouble?.message;
    });
    assertPlayable(played);
    assert.match(trouble ?? '', /is full/);
    assert.ok(played.mostBytes < 3e6, `${played.mostBytes} bytes`);
    // The end of the stream has aired.
    assert.equal(played.aired.filter(isVideoFrame).map(numberOf).at(-1), 599);
  });

  for (const [what, trouble] of [
    ['fails', { failure: 'EIO' }],
    ['hangs', { isHanging: true }],
  ] as const) {
    it(`goes on with what is in memory when the disk ${what}`, async () => {
      clock = new FakeClock();
      const running = clock;
      const [played = assert.fail()] = await play(largeStream(MODEL), ring, [8000], (nowMs) => {
        if (nowMs === 9000) Object.assign(files, trouble);
        running.tick(10);
      });
      assertPlayable(played);
      assert.match(ring.trouble?.message ?? '', /has failed/);
      const numbers = played.aired.filter(isVideoFrame).map(numberOf);
      assert.equal(numbers.at(-1), 599);
      assert.ok(numbers.length < 500 && numbers.length > 300, `${numbers.length} frames`);
    });
  }
});
