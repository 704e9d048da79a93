import assert from 'node:assert/strict';
import { GopCache } from '../../../src/media/gop-cache.js';
import type { StreamTag, StreamTagKind } from '../../../src/media/stream-tag.js';

function tag(kind: StreamTagKind, timestampMs: number, content = kind as string): StreamTag {
  return { kind, timestampMs, payload: Buffer.from(content), readAtMs: 0 };
}

function fill(cache: GopCache, ...tags: StreamTag[]): void {
  for (const each of tags) cache.push(each);
}

function shape(cache: GopCache): [StreamTagKind, number][] {
  return cache.snapshot().map(({ kind, timestampMs }) => [kind, timestampMs]);
}

describe('GopCache', () => {
  it('gives the headers, as of now, and the stream since the last keyframe', () => {
    const cache = new GopCache();
    fill(
      cache,
      tag('metadata', 0),
      tag('video-header', 0),
      tag('audio-header', 0),
      tag('keyframe', 0),
      tag('interframe', 33),
      tag('keyframe', 2000),
      tag('audio', 2005),
      tag('disposable', 2033),
    );
    assert.deepEqual(shape(cache), [
      ['metadata', 2000],
      ['video-header', 2000],
      ['audio-header', 2000],
      ['keyframe', 2000],
      ['audio', 2005],
      ['disposable', 2033],
    ]);
  });

  it('gives sound of the keyframe that has come before it', () => {
    const cache = new GopCache();
    fill(cache, tag('keyframe', 0), tag('audio', 1990), tag('audio', 2011), tag('audio', 2033));
    fill(cache, tag('keyframe', 2000), tag('interframe', 2033));
    assert.deepEqual(shape(cache), [
      ['keyframe', 2000],
      ['audio', 2011],
      ['audio', 2033],
      ['interframe', 2033],
    ]);
  });

  it('gives the latest headers, in order, whatever the order in which they came', () => {
    const cache = new GopCache();
    fill(cache, tag('audio-header', 0, 'a1'), tag('video-header', 0, 'v1'), tag('audio-header', 50, 'a2'));
    assert.deepEqual(
      cache.snapshot().map(({ payload, timestampMs }) => [payload.toString(), timestampMs]),
      [
        ['v1', 50],
        ['a2', 50],
      ],
    );
  });

  it('holds the latest headers of further tracks, and none of their frames and sound', () => {
    const cache = new GopCache();
    const extra = (kind: StreamTagKind, track: number, ms: number, content: string): StreamTag => ({
      ...tag(kind, ms, content),
      track,
    });
    fill(
      cache,
      extra('extra-video-header', 1, 0, 'v1'),
      tag('video-header', 0, 'main'),
      tag('keyframe', 100, 'key'),
      extra('extra-audio-header', 1, 110, 'a1'),
      extra('extra-video-header', 2, 120, 'v2'),
      extra('extra-keyframe', 1, 120, 'x'),
      extra('extra-audio', 1, 130, 'x'),
      extra('extra-video-header', 1, 140, 'v1 again'),
    );
    assert.deepEqual(
      cache.snapshot().map(({ payload, timestampMs, track }) => [payload.toString(), timestampMs, track]),
      [
        ['main', 100, undefined],
        ['v1 again', 100, 1],
        ['a1', 100, 1],
        ['v2', 100, 2],
        ['key', 100, undefined],
      ],
    );
  });

  it('keeps nothing before the first keyframe', () => {
    const cache = new GopCache();
    fill(cache, tag('interframe', 0), tag('audio', 5));
    assert.deepEqual(cache.snapshot(), []);
  });

  it('forgets a GOP that outgrows its bound, and waits for the next', () => {
    const cache = new GopCache(20);
    fill(cache, tag('video-header', 0), tag('keyframe', 0), tag('interframe', 33), tag('interframe', 66));
    assert.deepEqual(shape(cache), [['video-header', 66]]);
    fill(cache, tag('interframe', 100), tag('keyframe', 133));
    assert.deepEqual(shape(cache), [
      ['video-header', 133],
      ['keyframe', 133],
    ]);
  });

  it('keeps GOPs that are as large as its bound, one after the other', () => {
    const cache = new GopCache(20);
    for (const ms of [0, 100]) {
      fill(cache, tag('keyframe', ms, '0123456789'), tag('interframe', ms + 33, '0123456789'));
      assert.deepEqual(shape(cache), [
        ['keyframe', ms],
        ['interframe', ms + 33],
      ]);
    }
  });

  it('has room for 8 MiB', () => {
    const cache = new GopCache();
    const mebibyte = 'x'.repeat(2 ** 20);
    fill(cache, tag('keyframe', 0, mebibyte));
    for (let ms = 1; ms < 8; ms++) fill(cache, tag('interframe', ms, mebibyte));
    assert.equal(shape(cache).length, 8);
    fill(cache, tag('interframe', 8, 'x'));
    assert.equal(shape(cache).length, 0);
  });

  it('gives a list of its own each time', () => {
    const cache = new GopCache();
    fill(cache, tag('keyframe', 0));
    const before = cache.snapshot();
    fill(cache, tag('interframe', 33));
    assert.equal(before.length, 1);
  });
});
