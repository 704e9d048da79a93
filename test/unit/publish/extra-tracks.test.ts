import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OutputClock } from '../../../src/core/publish/queue/output-clock.js';
import { SendQueue } from '../../../src/core/publish/queue/send-queue.js';
import { isVideoFrame, type StreamTag, type StreamTagKind } from '../../../src/media/stream-tag.js';

const LIMITS = { disposableMs: 700, frameMs: 900, bytes: 32 << 20 };
const tag = (kind: StreamTagKind, timestampMs: number, track?: number, bytes = 100): StreamTag => ({
  kind,
  ...(track === undefined ? {} : { track }),
  timestampMs,
  payload: Buffer.alloc(bytes),
  readAtMs: 0,
});

function drain(queue: SendQueue): StreamTag[] {
  const tags: StreamTag[] = [];
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) tags.push(entry.tag);
  return tags;
}
const fill = (queue: SendQueue, ...tags: StreamTag[]) => {
  for (const next of tags) queue.push(next);
};
const seen = (tags: readonly StreamTag[]) =>
  tags.map(({ kind, timestampMs, track }) => `${kind}${track ?? ''}@${timestampMs}`);

describe('further tracks in the queue of an output', () => {
  it('begin with their own keyframe, after the main one', () => {
    const queue = new SendQueue(LIMITS);
    queue.restart([tag('extra-video-header', 0, 1)]);
    fill(queue, tag('extra-keyframe', 0, 1), tag('extra-audio', 0, 1), tag('keyframe', 10));
    fill(queue, tag('extra-interframe', 20, 1), tag('extra-keyframe', 30, 1), tag('extra-interframe', 30, 2));
    fill(queue, tag('extra-interframe', 40, 1));
    assert.deepEqual(seen(drain(queue)), [
      'extra-video-header1@0',
      'extra-audio1@0',
      'keyframe@10',
      'extra-keyframe1@30',
      'extra-interframe1@40',
    ]);
    assert.equal(queue.droppedFrames, 0);
  });

  it('are not decodable in a new session until their next keyframe', () => {
    const queue = new SendQueue(LIMITS);
    queue.restart([tag('keyframe', 0)]);
    fill(queue, tag('extra-keyframe', 0, 1));
    queue.restart([tag('keyframe', 0)]);
    fill(queue, tag('extra-interframe', 40, 1), tag('extra-keyframe', 80, 1), tag('extra-interframe', 90, 1));
    assert.deepEqual(seen(drain(queue)), ['keyframe@0', 'extra-keyframe1@80', 'extra-interframe1@90']);
  });

  it('do not make the main track late, nor end its drop with a keyframe', () => {
    const queue = new SendQueue(LIMITS);
    queue.restart([tag('keyframe', 0)]);
    fill(queue, tag('extra-keyframe', 5, 1), tag('interframe', 901), tag('interframe', 1000));
    assert.equal(queue.droppedFrames, 0);
    drain(queue);
    fill(queue, tag('interframe', 1040), tag('interframe', 1941), tag('extra-keyframe', 1950, 1));
    fill(queue, tag('interframe', 1960));
    assert.deepEqual(seen(drain(queue)), []);
    assert.equal(queue.droppedFrames, 3);
  });

  it('lose what lies in a dropped rest of a GOP, and go on with their own keyframes after the main one', () => {
    const queue = new SendQueue(LIMITS);
    fill(queue, tag('keyframe', 0), tag('extra-keyframe', 0, 1), tag('extra-interframe', 400, 1));
    fill(queue, tag('extra-audio', 500, 1), tag('extra-video-header', 500, 1), tag('interframe', 901));
    fill(queue, tag('extra-interframe', 910, 1), tag('extra-keyframe', 920, 1));
    assert.deepEqual(seen(drain(queue)), ['keyframe@0', 'extra-audio1@500', 'extra-video-header1@500']);
    fill(queue, tag('keyframe', 1000), tag('extra-interframe', 1010, 1), tag('extra-keyframe', 1020, 1));
    assert.deepEqual(seen(drain(queue)), ['keyframe@1000', 'extra-keyframe1@1020']);
  });

  it('lose what lies in older GOPs when a main keyframe is late', () => {
    const queue = new SendQueue(LIMITS);
    fill(queue, tag('keyframe', 0), tag('extra-keyframe', 10, 1), tag('extra-interframe', 400, 1));
    fill(queue, tag('keyframe', 901), tag('extra-interframe', 910, 1), tag('extra-keyframe', 920, 1));
    assert.deepEqual(seen(drain(queue)), ['keyframe@901', 'extra-keyframe1@920']);
    assert.equal(queue.droppedFrames, 1);
  });

  it('keep within the bound in bytes: frames go, then the oldest sound of any track', () => {
    const queue = new SendQueue({ disposableMs: 700, frameMs: 900, bytes: 400 });
    fill(queue, tag('extra-audio', 0, 1), tag('keyframe', 0), tag('extra-keyframe', 10, 1), tag('audio', 20));
    assert.equal(queue.droppedFrames, 0);
    fill(queue, tag('extra-interframe', 30, 1));
    assert.deepEqual(seen(drain(queue)), ['extra-audio1@0', 'audio@20']);
    fill(queue, ...[40, 50, 60, 70, 80].map((ms) => tag('extra-audio', ms, 1)));
    assert.deepEqual(
      seen(drain(queue)),
      [50, 60, 70, 80].map((ms) => `extra-audio1@${ms}`),
    );
    fill(queue, tag('keyframe', 90), tag('extra-interframe', 95, 1));
    assert.deepEqual(seen(drain(queue)), ['keyframe@90']);
  });

  it('keep the last header of each track when headers alone exceed the bound', () => {
    const queue = new SendQueue({ disposableMs: 700, frameMs: 900, bytes: 500 });
    fill(queue, tag('video-header', 0), tag('audio-header', 0), tag('extra-video-header', 1, 1));
    fill(
      queue,
      tag('extra-video-header', 1, 2),
      tag('extra-audio-header', 1, 1),
      tag('extra-video-header', 2, 1),
    );
    assert.deepEqual(seen(drain(queue)), [
      'video-header@0',
      'audio-header@0',
      'extra-video-header2@1',
      'extra-audio-header1@1',
      'extra-video-header1@2',
    ]);
  });

  it('never change what is sent of the main track, nor are sent undecodable', () => {
    const kinds = [
      'keyframe',
      'interframe',
      'disposable',
      'audio',
      'extra-keyframe',
      'extra-interframe',
      'extra-audio',
    ] as const;
    const step = fc.record({ kind: fc.constantFrom(...kinds), stepMs: fc.nat(300), read: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [all, mainOnly] = [new SendQueue(LIMITS), new SendQueue(LIMITS)];
        const sent: StreamTag[] = [];
        const sentAlone: StreamTag[] = [];
        let ms = 0;
        for (const { kind, stepMs, read } of steps) {
          ms += stepMs;
          const isExtra = kind.startsWith('extra');
          all.push(tag(kind, ms, isExtra ? 1 : undefined));
          if (!isExtra) mainOnly.push(tag(kind, ms));
          if (read) sent.push(...drain(all));
          if (read) sentAlone.push(...drain(mainOnly));
        }
        sent.push(...drain(all));
        sentAlone.push(...drain(mainOnly));
        assert.deepEqual(
          seen(sent.filter((one) => !one.kind.startsWith('extra'))),
          seen(sentAlone.filter((one) => isVideoFrame(one) || one.kind === 'audio')),
        );
        const pushed = steps.filter(({ kind }) => kind === 'extra-audio').length;
        assert.equal(sent.filter(({ kind }) => kind === 'extra-audio').length, pushed);
        const first = sent.find(({ kind }) => kind === 'extra-keyframe' || kind === 'extra-interframe');
        assert.notEqual(first?.kind, 'extra-interframe');
      }),
    );
  });
});

describe('further tracks by the clock of an output', () => {
  it('keep their timestamps, and a header that is sent again is not before what was sent', () => {
    const clock = new OutputClock();
    const ms = (next: StreamTag, runUp = false) => clock.next(next, runUp)?.timestampMs;
    assert.equal(ms(tag('extra-video-header', 40, 1), true), 40);
    assert.equal(ms(tag('extra-keyframe', 100, 1)), 100);
    assert.equal(ms(tag('extra-audio', 60, 1)), 60);
    assert.equal(ms(tag('extra-keyframe', 70, 2)), 70);
    assert.equal(ms(tag('extra-video-header', 40, 1), true), 100);
    assert.equal(ms(tag('extra-audio-header', 40, 1), true), 60);
    assert.equal(ms(tag('extra-video-header', 90, 2), true), 90);
    assert.equal(ms(tag('extra-interframe', 101, 1)), 101);
    assert.equal(ms(tag('keyframe', 10)), 10);
    // A header of the run-up has the main track's time, which may be ahead of the track's own.
    assert.equal(ms(tag('extra-audio-header', 500, 2), true), 500);
    assert.equal(ms(tag('extra-audio', 480, 2)), 480);
  });
});
