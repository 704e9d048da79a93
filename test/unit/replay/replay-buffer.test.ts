import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ReplayBuffer } from '../../../src/core/replay/replay-buffer.js';
import type { StreamTag, StreamTagKind } from '../../../src/media/stream-tag.js';

function tag(kind: StreamTagKind, timestampMs: number, bytes = 10): StreamTag {
  return { kind, timestampMs, payload: Buffer.alloc(bytes), readAtMs: 0 };
}

const seen = (tags: readonly StreamTag[]) => tags.map(({ kind, timestampMs }) => `${kind} ${timestampMs}`);
const header = (payload: string): StreamTag => ({
  ...tag('video-header', 0),
  payload: Buffer.from(payload),
});

describe('ReplayBuffer', () => {
  let buffer: ReplayBuffer;

  beforeEach(() => {
    buffer = new ReplayBuffer({ seconds: 4, bytes: 1000 });
  });

  /** GOPs of two seconds, with a frame each second. */
  function push(fromMs: number, toMs: number): void {
    for (let ms = fromMs; ms <= toMs; ms += 1000)
      buffer.push(tag(ms % 2000 === 0 ? 'keyframe' : 'interframe', ms));
  }

  it('keeps whole GOPs, at least as much as is wanted', () => {
    push(0, 9000);
    assert.deepEqual(
      seen(buffer.last()).map((text) => Number(text.split(' ')[1])),
      [4000, 5000, 6000, 7000, 8000, 9000],
    );
    assert.deepEqual([buffer.heldMs, buffer.bytes], [5000, 60]);
  });

  it('gives the last part, from the keyframe before', () => {
    push(0, 9000);
    assert.deepEqual(seen(buffer.last(1000)), ['keyframe 8000', 'interframe 9000']);
    assert.deepEqual(seen(buffer.last(1500)).length, 4);
  });

  it('begins with the first keyframe, and the headers that were sent before it', () => {
    buffer.push(tag('audio', 0));
    buffer.push(tag('interframe', 0));
    assert.deepEqual(buffer.last(), []);
    buffer.push(header('a'));
    buffer.push(tag('audio-header', 0));
    push(2000, 3000);
    assert.deepEqual(seen(buffer.last()), [
      'video-header 2000',
      'audio-header 2000',
      'keyframe 2000',
      'interframe 3000',
    ]);
  });

  it('has the headers that apply to its first GOP, not later ones', () => {
    buffer.push(header('a'));
    push(0, 1000);
    buffer.push(header('b'));
    push(2000, 3000);
    const headers = buffer.last().filter(({ kind }) => kind === 'video-header');
    assert.deepEqual(
      headers.map(({ payload }) => payload.toString()),
      ['a', 'b'],
    );
    assert.equal(buffer.last(1000)[0]?.payload.toString(), 'b');
  });

  it('has the sound of its first frames, which came before them', () => {
    push(0, 1000);
    for (const ms of [1980, 2000, 2020]) buffer.push(tag('audio', ms));
    push(2000, 2000);
    for (const ms of [1990, 2040]) buffer.push(tag('audio', ms));
    const expected = ['audio 2000', 'audio 2020', 'keyframe 2000', 'audio 2040'];
    assert.deepEqual(seen(buffer.last(0)), expected);
    push(3000, 6000);
    assert.deepEqual(seen(buffer.last()).slice(0, 4), expected);
  });

  it('keeps the headers of further tracks', () => {
    buffer.push({ ...tag('extra-audio-header', 0), track: 1 });
    push(0, 0);
    assert.deepEqual(seen(buffer.last()), ['extra-audio-header 0', 'keyframe 0']);
  });

  it('takes no more memory than is allowed, and begins again with the next keyframe where one GOP is larger', () => {
    push(0, 3000);
    buffer.push(tag('interframe', 3500, 990));
    assert.deepEqual([buffer.last(), buffer.bytes, buffer.heldMs], [[], 0, 0]);
    buffer.push(tag('interframe', 3600));
    assert.deepEqual(buffer.last(), []);
    push(4000, 4000);
    assert.deepEqual(seen(buffer.last()), ['keyframe 4000']);
  });

  it('can be made shorter and longer', () => {
    push(0, 9000);
    buffer.limit({ seconds: 1, bytes: 1000 });
    assert.equal(buffer.heldMs, 1000);
    buffer.limit({ seconds: 60, bytes: 1000 });
    push(10_000, 21_000);
    assert.equal(buffer.heldMs, 13_000);
  });

  it('stays within its bounds, whatever comes', () => {
    const kinds = fc.constantFrom<StreamTagKind>('keyframe', 'interframe', 'audio', 'video-header');
    const tags = fc.array(fc.record({ kind: kinds, stepMs: fc.nat(3000), bytes: fc.nat(500) }));
    fc.assert(
      fc.property(tags, (list) => {
        const any = new ReplayBuffer({ seconds: 4, bytes: 1000 });
        let ms = 0;
        let newestMs = 0;
        for (const { kind, stepMs, bytes } of list) {
          ms += stepMs;
          any.push(tag(kind, ms, bytes));
          if (kind !== 'video-header') newestMs = ms;
          const held = any.last().filter((one) => one.kind !== 'video-header');
          assert.ok(any.bytes <= 1000);
          const first = held.find((one) => one.kind !== 'audio');
          if (held.length > 0) assert.equal(first?.kind, 'keyframe');
          const [, second] = held.filter((one) => one.kind === 'keyframe');
          if (second !== undefined) assert.ok(second.timestampMs > newestMs - 4000);
        }
      }),
    );
  });
});
