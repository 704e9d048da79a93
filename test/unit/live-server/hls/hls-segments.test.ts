import assert from 'node:assert/strict';
import { HlsSegments, type Segment } from '../../../../src/live-server/hls/hls-segments.js';
import type { StreamTag, StreamTagKind } from '../../../../src/media/stream-tag.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader, metadata } from '../../../support/flv.js';

describe('HlsSegments', () => {
  let segments: Segment[];
  let hls: HlsSegments;

  beforeEach(() => {
    segments = [];
    hls = new HlsSegments((segment) => segments.push(segment));
  });

  const give = (kind: StreamTagKind, timestampMs: number, payload: Buffer) => {
    const tag: StreamTag = { kind, timestampMs, payload, readAtMs: 0 };
    hls.onTag(tag);
  };
  const headers = () => {
    give('metadata', 0, metadata(1));
    give('video-header', 0, avcHeader(1));
    give('audio-header', 0, AAC_HEADER);
  };
  /** Half a second with a keyframe first. */
  const gop = (fromMs: number) => {
    give('keyframe', fromMs, avcFrame('keyframe', 1));
    give('audio', fromMs, aacFrame(1));
    give('interframe', fromMs + 250, avcFrame('interframe', 2));
    give('audio', fromMs + 250, aacFrame(2));
  };
  /** Bytes behind the name of the first box of this type. */
  const inBox = (bytes: Buffer, type: string) => bytes.subarray(bytes.indexOf(type, 0, 'latin1') + 4);

  it('makes a segment of a second or more, from a keyframe to another', () => {
    headers();
    for (const fromMs of [1000, 1500, 2000, 2500, 3000]) gop(fromMs);
    assert.deepEqual(
      segments.map(({ durationMs, discontinuous }) => [durationMs, discontinuous]),
      [
        [1000, true],
        [1000, false],
      ],
    );
    const [first, second] = segments;
    assert.equal(first?.init, second?.init);
    const decodeTime = inBox(second?.bytes ?? Buffer.alloc(0), 'tfdt').readBigUInt64BE(4);
    assert.equal(decodeTime, 180_000n);
    const run = inBox(second?.bytes ?? Buffer.alloc(0), 'trun');
    assert.equal(run.readUInt32BE(4), 4, 'frames');
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => run.readUInt32BE(12 + index * 16)),
      [22_500, 22_500, 22_500, 22_500],
    );
  });

  it('points to the data of both tracks', () => {
    headers();
    gop(0);
    gop(500);
    gop(1000);
    const bytes = segments[0]?.bytes ?? Buffer.alloc(0);
    const video = bytes.indexOf('trun', 0, 'latin1') + 4;
    const audio = bytes.indexOf('trun', video, 'latin1') + 4;
    const dataAt = (run: number) => bytes.readUInt32BE(run + 8);
    assert.equal(dataAt(video), bytes.indexOf('mdat', 0, 'latin1') + 4);
    const firstFrame = avcFrame('keyframe', 1).subarray(5);
    assert.ok(bytes.subarray(dataAt(video)).subarray(0, firstFrame.length).equals(firstFrame));
    const firstSound = aacFrame(1).subarray(2);
    assert.ok(bytes.subarray(dataAt(audio)).subarray(0, firstSound.length).equals(firstSound));
  });

  it('describes both tracks before the first', () => {
    headers();
    gop(0);
    gop(1000);
    const init = segments[0]?.init.bytes ?? Buffer.alloc(0);
    assert.ok(init.includes(avcHeader(1).subarray(5)));
    assert.ok(init.includes(AAC_HEADER.subarray(2)));
    assert.equal(init.toString('latin1', 4, 8), 'ftyp');
  });

  it('marks discontinuities, and starts again with other headers', () => {
    headers();
    gop(0);
    gop(1000);
    give('video-header', 2000, avcHeader(2));
    gop(2000);
    gop(3000);
    hls.onEnd();
    assert.deepEqual(
      segments.map(({ durationMs, discontinuous }) => [durationMs, discontinuous]),
      [
        [1000, true],
        [251, false],
        [1000, true],
        [251, false],
      ],
    );
    assert.notEqual(segments[1]?.init, segments[2]?.init);
  });

  it('makes no segments of other codecs, or without keyframes', () => {
    give('video-header', 0, Buffer.from([0x90, 0x68, 0x76, 0x63, 0x31, 1, 2, 3]));
    gop(0);
    gop(1000);
    assert.equal(segments.length, 0);
    headers();
    gop(0);
    for (let ms = 500; ms < 60_000; ms += 100) give('interframe', ms, avcFrame('interframe', ms));
    gop(60_000);
    gop(61_000);
    assert.deepEqual(
      segments.map(({ durationMs }) => durationMs),
      [1000],
    );
  });
});
