import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OutputClock } from '../../../src/core/publish/queue/output-clock.js';
import { isVideoFrame, type StreamTag, type StreamTagKind } from '../../../src/media/stream-tag.js';
import { parseVideoPayload } from '../../../src/media/video-payload.js';
import { aacFrame, avcFrame } from '../../support/flv.js';

const frame = (timestampMs: number, compositionMs = 0): StreamTag => ({
  kind: 'interframe',
  timestampMs,
  payload: avcFrame('interframe', 0, compositionMs),
  readAtMs: 0,
});
const other = (kind: StreamTagKind, timestampMs: number): StreamTag => ({
  kind,
  timestampMs,
  payload: aacFrame(0),
  readAtMs: 0,
});

describe('OutputClock', () => {
  it('does not change a continuous stream', () => {
    const clock = new OutputClock();
    for (const tag of [other('metadata', 0), frame(0, 80), other('audio', 3), frame(33), frame(66)]) {
      assert.equal(clock.next(tag, false), tag);
    }
  });

  it('sends metadata with the time 0, at which ffmpeg does not take it for subtitles', () => {
    const clock = new OutputClock();
    clock.next(frame(1000), false);
    assert.equal(clock.next(other('metadata', 1000), true)?.timestampMs, 0);
  });

  it('squeezes frames that were sent before, and leaves out their sound', () => {
    const clock = new OutputClock();
    for (const tag of [frame(1000), other('audio', 1010)]) clock.next(tag, false);
    const runUp = [other('video-header', 900), frame(900), frame(1000), other('audio', 1010), frame(1100)];
    const out = runUp.map((tag) => clock.next(tag, true)?.timestampMs);
    assert.deepEqual(out, [1000, 1001, 1002, undefined, 1100]);
    assert.equal(clock.next(other('audio', 1030), true)?.timestampMs, 1030);
  });

  it('leaves out the sound of a run-up that was sent before, the last of it too, and no live sound', () => {
    const clock = new OutputClock();
    clock.next(other('audio', 1010), false);
    const at = (ms: number, runUp: boolean) => clock.next(other('audio', ms), runUp)?.timestampMs;
    assert.deepEqual([at(990, true), at(1010, true), at(1011, true)], [undefined, undefined, 1011]);
    assert.deepEqual([at(1011, false), at(1000, false)], [1012, 1013]);
  });

  it('still shows a squeezed frame when it was to be shown, or at once', () => {
    const clock = new OutputClock();
    clock.next(frame(1000), false);
    for (const [dts, composition, expected] of [
      [950, 100, 49],
      [960, 10, 0],
      [970, 33, 0],
    ] as const) {
      const source = frame(dts, composition);
      const tag = clock.next(source, true);
      assert.ok(tag);
      assert.equal(parseVideoPayload(tag.payload).compositionMs, expected);
      assert.equal(parseVideoPayload(source.payload).compositionMs, composition);
    }
  });

  it('leaves a composition time alone that is not above 0', () => {
    const clock = new OutputClock();
    clock.next(frame(1000), false);
    for (const composition of [0, -20]) {
      const source = frame(900, composition);
      assert.equal(clock.next(source, true)?.payload, source.payload);
    }
  });

  it('puts a header no earlier than what has gone out of its track', () => {
    const clock = new OutputClock();
    for (const tag of [frame(1000), other('audio', 2000)]) clock.next(tag, false);
    const at = (kind: StreamTagKind, ms: number) => clock.next(other(kind, ms), true)?.timestampMs;
    assert.deepEqual([at('video-header', 500), at('audio-header', 500)], [1000, 2000]);
    assert.deepEqual([at('video-header', 1500), at('audio-header', 2500)], [1500, 2500]);
    const first = new OutputClock();
    assert.deepEqual(first.next(frame(0), false)?.timestampMs, 0);
    assert.deepEqual(first.next(other('audio', 0), true)?.timestampMs, 0);
  });

  it('never goes back, whatever comes', () => {
    const tags = fc.array(
      fc.tuple(
        fc.constantFrom<StreamTagKind>('interframe', 'audio', 'video-header'),
        fc.nat(1000),
        fc.boolean(),
      ),
    );
    fc.assert(
      fc.property(tags, (input) => {
        const clock = new OutputClock();
        let lastFrame = -1;
        let lastAudio = -1;
        for (const [kind, ms, runUp] of input) {
          const tag = clock.next(kind === 'interframe' ? frame(ms) : other(kind, ms), runUp);
          if (tag === undefined) continue;
          assert.ok(tag.timestampMs >= ms);
          if (isVideoFrame(tag)) {
            assert.ok(tag.timestampMs > lastFrame);
            lastFrame = tag.timestampMs;
          } else if (kind === 'audio') {
            assert.ok(tag.timestampMs >= lastAudio);
            lastAudio = tag.timestampMs;
          } else {
            assert.ok(tag.timestampMs >= lastFrame);
          }
        }
      }),
    );
  });
});
