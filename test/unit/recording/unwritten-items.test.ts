import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type RecordingItem, UnwrittenItems } from '../../../src/core/recording/unwritten-items.js';
import type { StreamTagKind } from '../../../src/media/stream-tag.js';

function item(kind: StreamTagKind, timestampMs: number): RecordingItem {
  return { tag: { kind, timestampMs, payload: Buffer.alloc(10), readAtMs: 0 } };
}

const OPEN: RecordingItem = {
  command: { kind: 'open', file: { id: 'one', folder: '/', name: 'one', format: 'mkv', keepFreeBytes: 0 } },
};
const CLOSE: RecordingItem = { command: { kind: 'close' } };

function names(items: readonly RecordingItem[]): string[] {
  return items.map((one) => ('tag' in one ? `${one.tag.kind} ${one.tag.timestampMs}` : one.command.kind));
}

describe('what is not on the disk', () => {
  let items: UnwrittenItems;

  beforeEach(() => {
    items = new UnwrittenItems();
    for (const one of [OPEN, item('video-header', 0), item('audio-header', 0)]) items.push(one);
    for (let ms = 0; ms < 100; ms += 10) items.push(item(ms % 50 === 0 ? 'keyframe' : 'interframe', ms));
  });

  it('is all that has come, before anything is acknowledged', () => {
    assert.equal(items.replay().length, 13);
    assert.deepEqual([items.bytes, items.durationMs], [120, 90]);
  });

  it('is held from the last keyframe on the disk on, with the headers before it', () => {
    items.acknowledge(10);
    assert.deepEqual(names(items.replay()), [
      ...['video-header 50', 'audio-header 50'],
      ...['keyframe 50', 'interframe 60', 'interframe 70', 'interframe 80', 'interframe 90'],
    ]);
    assert.deepEqual(names(items.after(10)), ['interframe 70', 'interframe 80', 'interframe 90']);
    assert.deepEqual([items.bytes, items.durationMs], [30, 20]);
  });

  it('holds nothing of a file that is complete', () => {
    items.push(CLOSE);
    items.acknowledge(items.last);
    assert.deepEqual(names(items.replay()), ['video-header 0', 'audio-header 0']);
    assert.equal(items.bytes, 0);
  });

  it('has a command that is on the disk not obeyed again', () => {
    items.push({ command: { kind: 'chapter', timestampMs: 95, title: 'A' } });
    items.push(item('interframe', 100));
    items.push({ command: { kind: 'chapter', timestampMs: 105, title: 'B' } });
    items.acknowledge(items.last - 1);
    assert.deepEqual(names(items.replay()).slice(-2), ['interframe 100', 'chapter']);
  });

  it('takes no acknowledgement of what was not sent, nor one that goes back', () => {
    items.acknowledge(99);
    assert.equal(items.written, 0);
    items.acknowledge(10);
    items.acknowledge(5);
    assert.equal(items.written, 10);
  });

  it('holds whatever was not acknowledged, from a keyframe on, and no more than a GOP besides', () => {
    const step = fc.oneof(
      fc.constantFrom<StreamTagKind>('keyframe', 'interframe', 'audio').map((kind) => ({ kind })),
      fc.nat(40).map((back) => ({ back })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const held = new UnwrittenItems();
        const sent: RecordingItem[] = [OPEN, item('keyframe', 0)];
        let written = 0;
        for (const one of sent) held.push(one);
        for (const one of steps) {
          if ('kind' in one) {
            sent.push(item(one.kind, sent.length));
            held.push(sent.at(-1) as RecordingItem);
          } else {
            written = Math.max(written, sent.length - one.back);
            held.acknowledge(written);
          }
          const due = sent.slice(written);
          const replay = held.replay();
          assert.deepEqual(replay.slice(replay.length - due.length), due);
          assert.deepEqual(held.after(written), due);
          const [first] = replay;
          if (written > 1) assert.ok(first !== undefined && 'tag' in first && first.tag.kind === 'keyframe');
          const more = replay.slice(1, Math.max(1, replay.length - due.length));
          assert.ok(more.every((other) => 'tag' in other && other.tag.kind !== 'keyframe'));
          assert.equal(
            held.bytes,
            due.reduce((sum, other) => sum + ('tag' in other ? other.tag.payload.length : 0), 0),
          );
        }
      }),
    );
  });
});
