import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { TagBatches } from '../../../src/live-server/tag-batches.js';
import { FlvDemuxer, type FlvTag } from '../../../src/media/flv-demuxer.js';
import { FakeClock } from '../../support/fake-clock.js';

/** Takes what is written as a socket does: all that waits in one call. */
class Target extends Writable {
  readonly calls: Buffer[] = [];

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.calls.push(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    callback();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.calls.push(chunk);
    callback();
  }

  get tags(): FlvTag[] {
    const tags: FlvTag[] = [];
    const demuxer = new FlvDemuxer((tag) => tags.push(tag));
    for (const bytes of this.calls) demuxer.push(bytes);
    return tags;
  }
}

const INTERFRAME = Buffer.of(0x27, 1);

describe('TagBatches', () => {
  let clock: FakeClock;

  beforeEach(() => {
    clock = new FakeClock();
  });
  afterEach(() => clock.restore());

  it('sends what comes within 33 ms in one call, as FLV', () => {
    const target = new Target();
    const batches = new TagBatches(target);
    const before = target.calls.length;
    batches.write('metadata', 0, Buffer.from('meta'));
    batches.write('video', 0, INTERFRAME);
    clock.tick(20);
    batches.write('audio', 0xffff_ffff, Buffer.alloc(0));
    clock.tick(12);
    assert.equal(target.calls.length, before, 'nothing has left yet');
    clock.tick(1);
    assert.equal(target.calls.length, before + 1);
    batches.write('video', 33, Buffer.alloc(70_000, 0x27));
    clock.tick(33);
    assert.equal(target.calls.length, before + 2);
    assert.deepEqual(
      target.tags.map(({ kind, timestampMs, payload }) => [kind, timestampMs | 0, payload.length]),
      [
        ['script', 0, 4],
        ['video', 0, 2],
        ['audio', -1, 0],
        ['video', 33, 70_000],
      ],
    );
  });

  for (const [what, keyframe] of [
    ['AVC', Buffer.of(0x17, 1)],
    ['Enhanced RTMP', Buffer.of(0x91, 0)],
  ] as const) {
    it(`sends a keyframe of ${what} at once, with what waits before it`, () => {
      const target = new Target();
      const batches = new TagBatches(target);
      batches.write('audio', 0, Buffer.from('first'));
      batches.write('video', 0, keyframe);
      assert.deepEqual(
        target.tags.map(({ kind }) => kind),
        ['audio', 'video'],
      );
      assert.equal(clock.pending, 0);
      batches.write('video', 33, INTERFRAME);
      assert.equal(target.tags.length, 2);
      batches.dispose();
    });
  }

  it('counts what waits for its batch', () => {
    const batches = new TagBatches(new Target());
    batches.write('video', 0, Buffer.alloc(1000));
    assert.ok(batches.backlogBytes >= 1000);
    clock.tick(33);
    assert.equal(batches.backlogBytes, 0);
  });

  it('sends what waits when it is disposed of, and leaves no timer', () => {
    const target = new Target();
    const batches = new TagBatches(target);
    batches.write('video', 0, Buffer.from('last'));
    batches.dispose();
    assert.deepEqual(
      target.tags.map(({ payload }) => payload.toString()),
      ['last'],
    );
    assert.equal(clock.pending, 0);
    batches.dispose();
  });
});
