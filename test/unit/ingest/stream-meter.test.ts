import assert from 'node:assert/strict';
import { StreamMeter } from '../../../src/core/ingest/stream-meter.js';
import type { StreamTagKind } from '../../../src/media/stream-tag.js';
import { AAC_HEADER, aacFrame, avcFrame } from '../../support/flv.js';
import { avcHeaderOf, SPS_1080P60 } from '../../support/sps.js';

describe('StreamMeter', () => {
  let meter: StreamMeter;
  beforeEach(() => {
    meter = new StreamMeter();
  });

  function take(kind: StreamTagKind, rawMs: number, payload: Buffer, readAtMs = rawMs): void {
    meter.take({ kind, rawMs, payload, readAtMs });
  }

  it('has no values before the first tag', () => {
    assert.deepEqual(meter.measures(0), {
      videoCodec: undefined,
      audioCodec: undefined,
      width: undefined,
      height: undefined,
      fps: undefined,
      bitrateKbps: 0,
      keyframeIntervalMs: undefined,
      skewMs: undefined,
      tracks: { video: 1, audio: 1 },
    });
  });

  it('counts further tracks, each once, and their bytes, and measures nothing else of them', () => {
    const extra = (kind: StreamTagKind, track: number, rawMs: number) =>
      meter.take({ kind, track, rawMs, payload: Buffer.alloc(125), readAtMs: rawMs });
    for (let ms = 0; ms < 3000; ms += 100) {
      take('keyframe', ms, avcFrame('keyframe', 1).subarray(0, 0), ms);
      extra('extra-keyframe', 1, ms + 7);
      extra('extra-interframe', 2, ms + 7);
      extra('extra-audio', 2, ms + 500);
    }
    const { tracks, bitrateKbps, fps, keyframeIntervalMs, skewMs } = meter.measures(3000);
    assert.deepEqual(
      { tracks, bitrateKbps, fps, keyframeIntervalMs, skewMs },
      {
        tracks: { video: 3, audio: 2 },
        bitrateKbps: 30,
        fps: 10,
        keyframeIntervalMs: 100,
        skewMs: undefined,
      },
    );
  });

  it('reads codecs and frame size from the headers', () => {
    take('video-header', 0, avcHeaderOf(SPS_1080P60));
    take('audio-header', 0, AAC_HEADER);
    const { videoCodec, audioCodec, width, height } = meter.measures(0);
    assert.deepEqual(
      { videoCodec, audioCodec, width, height },
      {
        videoCodec: 'h264',
        audioCodec: 'aac',
        width: 1920,
        height: 1080,
      },
    );
  });

  it('measures frame rate, keyframe interval and skew by the timestamps', () => {
    for (let frame = 0; frame < 200; frame++) {
      const ms = Math.round((frame * 1000) / 25);
      take('audio', ms + 80, aacFrame(1), ms);
      take(frame % 50 === 0 ? 'keyframe' : 'interframe', ms, avcFrame('keyframe', 1));
    }
    const { fps, keyframeIntervalMs, skewMs } = meter.measures(8000);
    assert.deepEqual({ fps, keyframeIntervalMs, skewMs }, { fps: 25, keyframeIntervalMs: 2000, skewMs: 80 });
  });

  it('measures the frame rate of the last two seconds, however slow it has become', () => {
    for (let ms = 0; ms < 10_000; ms += 20) take('interframe', ms, avcFrame('interframe', 1));
    for (let ms = 10_000; ms <= 12_000; ms += 500) take('interframe', ms, avcFrame('interframe', 1));
    assert.equal(meter.measures(12_000).fps, 2);
  });

  it('measures the bitrate of the last whole seconds, whenever it is asked', () => {
    const frame = Buffer.alloc(12_500);
    const second = (from: number, frames: number) => {
      for (let n = 0; n < frames; n++) take('interframe', from + (n * 1000) / frames, frame);
    };
    for (let from = 0; from < 6000; from += 1000) second(from, 10);
    assert.equal(meter.measures(5999).bitrateKbps, 1000);
    for (let from = 6000; from < 8000; from += 1000) second(from, 20);
    assert.equal(meter.measures(8000).bitrateKbps, 1500);
    assert.equal(meter.measures(60_000).bitrateKbps, 0);
  });

  it("starts again when the publisher's clock jumps back", () => {
    for (let frame = 0; frame < 30; frame++)
      take('interframe', 100_000 + frame * 33, avcFrame('interframe', 1));
    for (let frame = 0; frame < 30; frame++) take('interframe', frame * 20, avcFrame('interframe', 1));
    assert.equal(meter.measures(0).fps, 50);
  });
});
