import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DelayLine } from '../../../src/core/publish/delay/delay-line.js';
import { MemoryStore } from '../../../src/core/publish/delay/delay-store.js';
import { isVideoFrame, type StreamTag } from '../../../src/media/stream-tag.js';
import { parseVideoPayload } from '../../../src/media/video-payload.js';
import { type DelayStreamModel, numberOf, SOUND_MS, streamOf } from './delay-stream.js';

interface Cut {
  readonly atMs: number;
  readonly lastMs: number;
}

interface Aired {
  readonly tag: StreamTag;
  readonly atMs: number;
}

const LATE = { min: 0, max: 60 };

const models: fc.Arbitrary<DelayStreamModel> = fc.record({
  fps: fc.constantFrom(15, 24, 29.97, 30, 60),
  gops: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
  bFrames: fc.constantFrom(0 as const, 2 as const),
  seconds: fc.integer({ min: 2, max: 8 }),
  lateMs: fc.array(fc.integer(LATE), { minLength: 1, maxLength: 7 }),
  soundLateMs: fc.integer({ min: -80, max: 80 }),
});

const cuts: fc.Arbitrary<Cut[]> = fc
  .array(fc.record({ atMs: fc.integer({ min: 0, max: 8000 }), lastMs: fc.integer({ min: 50, max: 6000 }) }), {
    maxLength: 4,
  })
  .map((list) => list.sort((one, other) => one.atMs - other.atMs));

const delays = fc.integer({ min: 500, max: 5000 });

/** Plays the stream through the line in virtual time, 1 ms after the other, and lets the rest air. */
function air(stream: readonly StreamTag[], line: DelayLine, planned: readonly Cut[] = []) {
  const arriving = [...stream];
  const waiting = [...planned];
  const aired: Aired[] = [];
  const taken = new Map<Cut, { newestMs: number; newestFrameMs: number; airedBefore: number }>();
  let newestMs = 0;
  let newestFrameMs = 0;
  const endMs = (stream.at(-1)?.readAtMs ?? 0) + 10_000;
  for (let nowMs = 0; nowMs <= endMs; nowMs++) {
    while (arriving[0] !== undefined && arriving[0].readAtMs <= nowMs) {
      const tag = arriving.shift() as StreamTag;
      newestMs = Math.max(newestMs, tag.timestampMs);
      if (isVideoFrame(tag)) newestFrameMs = tag.timestampMs;
      line.push(tag);
    }
    while (waiting[0] !== undefined && waiting[0].atMs <= nowMs) {
      const cut = waiting.shift() as Cut;
      taken.set(cut, { newestMs, newestFrameMs, airedBefore: aired.length });
      line.cut(cut.lastMs);
    }
    for (const tag of line.takeDue(nowMs)) aired.push({ tag, atMs: nowMs });
  }
  return { aired, taken };
}

const videoOf = (aired: readonly Aired[]) => aired.map(({ tag }) => tag).filter(isVideoFrame);
const soundOf = (aired: readonly Aired[]) =>
  aired.map(({ tag }) => tag).filter(({ kind }) => kind === 'audio');

/** PTS, ms. */
const shownAt = ({ timestampMs, payload }: StreamTag) =>
  timestampMs + parseVideoPayload(payload).compositionMs;

function assertRising(values: readonly number[], what: string): void {
  values.slice(1).forEach((value, i) => {
    assert.ok(value > (values[i] as number), `${what}: ${value} after ${values[i]}`);
  });
}

describe('DelayLine', function () {
  this.timeout(60_000);

  it('airs everything once, unchanged, when it is as old as the delay', () => {
    fc.assert(
      fc.property(models, delays, (model, delayMs) => {
        const stream = streamOf(model);
        const { aired } = air(stream, new DelayLine(delayMs, new MemoryStore(1e9)));
        assert.deepEqual(
          aired.map(({ tag }) => [tag.kind, tag.timestampMs, tag.payload]),
          stream.map((tag) => [tag.kind, tag.timestampMs, tag.payload]),
        );
        const most = LATE.max + 80 + SOUND_MS;
        for (const { tag, atMs } of aired) {
          const lateMs = atMs - tag.timestampMs - delayMs;
          assert.ok(lateMs >= 0 && lateMs <= most + 2, `${tag.kind} ${lateMs} ms late`);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('cuts what was shown last, on keyframes, with the sound, and leaves out nothing else', () => {
    fc.assert(
      fc.property(models, delays, cuts, (model, delayMs, planned) => {
        const stream = streamOf(model);
        const { aired, taken } = air(stream, new DelayLine(delayMs, new MemoryStore(1e9)), planned);
        const frameMs = 1000 / model.fps;
        const video = videoOf(aired);
        const sound = soundOf(aired);
        const frames = stream.filter(isVideoFrame);
        const sounds = stream.filter(({ kind }) => kind === 'audio');

        // Never out of order, and nothing twice.
        assertRising(video.map(numberOf), 'frames');
        assertRising(sound.map(numberOf), 'sounds');
        assertRising(
          video.map(({ timestampMs }) => timestampMs),
          'DTS of frames',
        );
        assertRising(
          sound.map(({ timestampMs }) => timestampMs),
          'timestamps of sounds',
        );

        // After a jump comes a keyframe, without a gap, and the sound stays with it.
        video.slice(1).forEach((tag, i) => {
          const before = video[i] as StreamTag;
          if (numberOf(tag) !== numberOf(before) + 1) assert.equal(tag.kind, 'keyframe');
          const stepMs = tag.timestampMs - before.timestampMs;
          assert.ok(stepMs <= (model.bFrames === 0 ? 1 : 4) * frameMs + 2, `a step of ${stepMs} ms`);
        });
        sound.slice(1).forEach((tag, i) => {
          const stepMs = tag.timestampMs - (sound[i] as StreamTag).timestampMs;
          assert.ok(stepMs <= 1.6 * SOUND_MS + 2 + Math.abs(model.soundLateMs), `sound: ${stepMs} ms`);
        });
        const movedMs = (tag: StreamTag) =>
          ((isVideoFrame(tag) ? frames : sounds)[numberOf(tag)]?.timestampMs ?? 0) - tag.timestampMs;
        // The frame that belongs to the last sound that has aired before a cut may have been cut.
        const ends = Array.from(taken.values(), ({ airedBefore }) => {
          const last = videoOf(aired.slice(0, airedBefore)).at(-1);
          return { airedBefore, endMs: (last?.timestampMs ?? 0) - (model.bFrames === 0 ? 0 : 4) * frameMs };
        });
        const wasLast = (tag: StreamTag) => {
          const index = aired.findIndex((one) => one.tag === tag);
          return ends.some(({ airedBefore, endMs }) => index < airedBefore && tag.timestampMs > endMs);
        };
        const [firstFrame] = video;
        const firstShownMs = firstFrame === undefined ? Number.POSITIVE_INFINITY : shownAt(firstFrame);
        for (const tag of sound) {
          if (tag.timestampMs < firstShownMs || wasLast(tag)) continue;
          const near = video.filter(
            ({ timestampMs }) =>
              timestampMs > tag.timestampMs - 5 * frameMs && timestampMs <= tag.timestampMs + SOUND_MS,
          );
          // At a gap in the video, the frame after it.
          const next = video.find(({ timestampMs }) => timestampMs > tag.timestampMs);
          if (next !== undefined) near.push(next);
          const off = near.map((frame) => Math.abs(movedMs(frame) - movedMs(tag)));
          assert.ok(near.length === 0 || Math.min(...off) <= SOUND_MS / 2 + 2, `sound is ${off} ms off`);
        }

        // What was to be cut has not aired since; everything that no cut reaches has.
        const removed = new Set<number>();
        for (const [{ lastMs }, { newestMs, newestFrameMs, airedBefore }] of taken) {
          const fromMs = newestMs - lastMs;
          const after = aired.slice(airedBefore);
          // The sound of a frame that has aired airs with it.
          const seen = videoOf(aired.slice(0, airedBefore)).map((tag) => frames[numberOf(tag)] as StreamTag);
          const onScreenMs = Math.max(...seen.map(shownAt)) + frameMs;
          for (const { tag } of after) {
            if (!isVideoFrame(tag) && tag.kind !== 'audio') continue;
            const original = (isVideoFrame(tag) ? frames : sounds)[numberOf(tag)] as StreamTag;
            const shownMs = isVideoFrame(tag) ? shownAt(original) : original.timestampMs;
            const tolerance = isVideoFrame(tag) ? 0 : SOUND_MS;
            const fromHereMs = isVideoFrame(tag) ? fromMs : Math.max(fromMs, onScreenMs);
            assert.ok(
              shownMs < fromHereMs + tolerance || shownMs > newestFrameMs - tolerance,
              `${tag.kind} of ${shownMs} has aired, ${fromMs} to ${newestFrameMs} was cut`,
            );
          }
          const last = frames.findIndex(
            ({ kind, timestampMs }) => kind === 'keyframe' && timestampMs > newestFrameMs,
          );
          const begin = frames.findIndex((frame) => shownAt(frame) + frameMs + 1 > fromMs);
          const key = frames.findLastIndex(({ kind }, index) => index <= begin && kind === 'keyframe');
          for (let n = Math.max(0, key); n < (last === -1 ? frames.length : last); n++) removed.add(n);
        }
        const shown = new Set(video.map(numberOf));
        frames.forEach((_, n) => {
          assert.ok(shown.has(n) || removed.has(n), `frame ${n} is missing, and no cut reaches it`);
        });
      }),
      {
        numRuns: 60,
        examples: [
          // The step of the sound's timestamps is a ms longer there than its frames.
          [
            { fps: 24, gops: [8], bFrames: 0, seconds: 6, lateMs: [0], soundLateMs: 0 },
            1003,
            [{ atMs: 5334, lastMs: 668 }],
          ],
          // The second cut begins where the first one ends.
          [
            { fps: 15, gops: [1], bFrames: 0, seconds: 5, lateMs: [0], soundLateMs: 0 },
            500,
            [
              { atMs: 4833, lastMs: 275 },
              { atMs: 4876, lastMs: 275 },
            ],
          ],
          [
            { fps: 15, gops: [1], bFrames: 0, seconds: 3, lateMs: [0], soundLateMs: 0 },
            500,
            [
              { atMs: 1600, lastMs: 50 },
              { atMs: 2293, lastMs: 284 },
            ],
          ],
        ],
      },
    );
  });

  it('holds no more bytes than it may, and airs early rather than leaving something out', () => {
    fc.assert(
      fc.property(models, delays, fc.integer({ min: 100, max: 4000 }), (model, delayMs, maxBytes) => {
        const stream = streamOf(model);
        const store = new MemoryStore(maxBytes);
        const line = new DelayLine(delayMs, store);
        const aired: StreamTag[] = [];
        for (const tag of stream) {
          line.push(tag);
          aired.push(...line.takeDue(tag.readAtMs));
          assert.ok(store.bytes <= maxBytes || aired.length < 4, `${store.bytes} bytes`);
        }
        aired.push(...line.takeDue(Number.POSITIVE_INFINITY));
        assert.equal(aired.length, stream.length);
      }),
      { numRuns: 40 },
    );
  });
});
