import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SendQueue } from '../../../src/core/publish/queue/send-queue.js';
import type { StreamTag } from '../../../src/media/stream-tag.js';

type Kind = StreamTag['kind'];
const FRAME_MS = 40;

const tag = (kind: Kind, timestampMs: number): StreamTag => {
  return { kind, timestampMs, payload: Buffer.alloc(10), readAtMs: 0 };
};

/** Frames one after the other, of which the queue is emptied where a number says how many are taken. */
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Kind>('keyframe', 'interframe', 'disposable', 'audio') },
    { weight: 1, arbitrary: fc.nat(20) },
  ),
  { minLength: 60, maxLength: 300 },
);

describe('frame counts', () => {
  it('has each frame of the queue as sent, dropped or waiting', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const queue = new SendQueue();
        const counted = { keyframe: 0, interframe: 0, disposable: 0 };
        const seen = { keyframe: 0, interframe: 0, disposable: 0 };
        queue.restart([tag('keyframe', 0)]);
        counted.keyframe += 1;
        for (const [index, step] of all.entries()) {
          if (typeof step === 'number') {
            for (let i = 0; i < step; i++) {
              const kind = queue.shift()?.tag.kind;
              if (kind !== undefined && kind in seen) seen[kind as keyof typeof seen] += 1;
            }
          } else {
            queue.push(tag(step, index * FRAME_MS));
            if (step in counted) counted[step as keyof typeof counted] += 1;
          }
        }
        const { framesSent, byKind, droppedFrames } = queue.counts;
        assert.equal(framesSent, seen.keyframe + seen.interframe + seen.disposable);
        for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
          const { kind } = entry.tag;
          if (kind in seen) seen[kind as keyof typeof seen] += 1;
        }
        assert.deepEqual(
          { ...byKind },
          {
            disposable: counted.disposable - seen.disposable,
            inter: counted.interframe - seen.interframe,
            keyframes: counted.keyframe - seen.keyframe,
          },
        );
        assert.equal(queue.droppedFrames, droppedFrames);
      }),
    );
  });

  it('knows the interval of the keyframes that were sent', () => {
    const queue = new SendQueue();
    queue.restart([tag('keyframe', 1000)]);
    queue.shift();
    assert.equal(queue.counts.keyframeIntervalMs, undefined);
    for (const [ms, intervalMs] of [
      [3000, 2000],
      [5500, 2500],
    ] as const) {
      queue.push(tag('keyframe', ms));
      queue.shift();
      assert.equal(queue.counts.keyframeIntervalMs, intervalMs);
    }
  });
});
