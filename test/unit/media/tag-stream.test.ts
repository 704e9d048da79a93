import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { StreamTag } from '../../../src/media/stream-tag.js';
import { commandParts, type StreamedItem, TagStreamReader, tagParts } from '../../../src/media/tag-stream.js';

const KINDS = ['metadata', 'video-header', 'keyframe', 'interframe', 'disposable', 'audio'] as const;
const tag = fc.record({
  kind: fc.constantFrom(...KINDS),
  // Beyond 2^32, where FLV would begin anew.
  timestampMs: fc.integer({ min: 0, max: 2 ** 33 }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

function read(reader: TagStreamReader, data: Buffer, cuts: readonly number[]): StreamedItem[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (data.length + 1)), data.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).flatMap((end, index) => reader.push(data.subarray(places[index], end)));
}

describe('a stream of tags', () => {
  it('is read as it was written, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(tag), fc.array(fc.nat()), (tags, cuts) => {
        const sent = tags.map((one): StreamTag => ({ ...one, readAtMs: 0 }));
        const parts = [...sent.flatMap((one) => tagParts(one)), ...commandParts({ kind: 'close' })];
        const items = read(new TagStreamReader(), Buffer.concat(parts), cuts);
        assert.deepEqual(items.pop(), { command: { kind: 'close' } });
        assert.deepEqual(
          items,
          sent.map((one) => ({ tag: one })),
        );
      }),
    );
  });

  it('keeps the number of a further track', () => {
    const extra: StreamTag = {
      kind: 'extra-audio',
      track: 2,
      timestampMs: 5,
      payload: Buffer.from('x'),
      readAtMs: 0,
    };
    assert.deepEqual(new TagStreamReader().push(Buffer.concat(tagParts(extra))), [{ tag: extra }]);
  });

  it('fails for what is no such stream', () => {
    assert.throws(() => new TagStreamReader().push(Buffer.alloc(20, 0xff)), /a tag of/);
    const [header] = tagParts({ kind: 'audio', timestampMs: 0, payload: Buffer.alloc(0), readAtMs: 0 });
    header[4] = 77;
    assert.throws(() => new TagStreamReader().push(header), /of the kind 77/);
  });
});
