import assert from 'node:assert/strict';
import type { EpochWriter } from '../../../src/core/timeline/timeline.js';
import { isExtraKind, type StreamTag } from '../../../src/media/stream-tag.js';
import { aacFrame, avcFrame, type FlvInput } from '../../support/flv.js';
import { assertStrictlyRising, Stage } from './stage.js';

/** A packet of one further track: its type (0 is a header, 1 a frame), and its content. */
function extra(kind: 'video' | 'audio', first: number, type: number, track: number, content: number): Buffer {
  return Buffer.from([first, type, ...Buffer.from(kind === 'video' ? 'hvc1' : 'Opus'), track, content]);
}
const header = (content: number, track = 1, ms = 0): FlvInput => ({
  kind: 'video',
  ms,
  payload: extra('video', 0x96, 0, track, content),
});
const keyframe = (ms: number, track = 1): FlvInput => ({
  kind: 'video',
  ms,
  payload: extra('video', 0x96, 1, track, 9),
});
const interframe = (ms: number, track = 1): FlvInput => ({
  kind: 'video',
  ms,
  payload: extra('video', 0xa6, 1, track, 9),
});
const sound = (ms: number, type = 1, content = 9): FlvInput => ({
  kind: 'audio',
  ms,
  payload: extra('audio', 0x95, type, 1, content),
});
const main = (ms: number, kind: 'keyframe' | 'interframe' = 'interframe'): FlvInput => ({
  kind: 'video',
  ms,
  payload: avcFrame(kind, 1),
});

describe('further tracks on the timeline', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.dispose());

  const extras = (): StreamTag[] => stage.tags.filter(({ kind }) => isExtraKind(kind));
  const seen = () => extras().map(({ kind, timestampMs }) => [kind, timestampMs]);
  /** Since the last call. */
  const next = () => {
    const all = seen();
    stage.tags.length = 0;
    return all;
  };
  const later = (epoch: EpochWriter, ms: number, ...tags: FlvInput[]) => {
    stage.clock.tick(ms);
    stage.write(epoch, ...tags);
  };

  it('go by the offset of the main track, each with its header first and from its keyframe on', () => {
    const epoch = stage.begin();
    stage.write(epoch, header(1), sound(5000, 0, 1));
    assert.deepEqual(seen(), []);
    stage.write(
      epoch,
      main(5000, 'keyframe'),
      interframe(5000),
      keyframe(5020),
      interframe(5040),
      sound(5030),
    );
    assert.deepEqual(seen(), [
      ['extra-video-header', 20],
      ['extra-keyframe', 20],
      ['extra-interframe', 40],
      ['extra-audio-header', 30],
      ['extra-audio', 30],
    ]);
    assert.deepEqual(
      extras().map(({ track }) => track),
      [1, 1, 1, 1, 1],
    );
    assert.deepEqual(extras()[0]?.payload, header(1).payload);
  });

  it('follow the sound that was moved to the grid', () => {
    const first = stage.live();
    stage.write(first, { kind: 'audio', ms: 0, payload: aacFrame(1) });
    first.end();
    stage.clock.tick(130);
    const second = stage.live(7000);
    stage.write(second, { kind: 'audio', ms: 7005, payload: aacFrame(1) }, sound(7005), sound(7026));
    const main = stage.sounds.at(-1)?.timestampMs ?? 0;
    assert.deepEqual(next(), [
      ['extra-audio', main],
      ['extra-audio', main + 21],
    ]);
  });

  it('follow the frames where the main track has no sound', () => {
    const epoch = stage.begin();
    stage.write(epoch, main(5000, 'keyframe'), sound(5007));
    assert.deepEqual(seen(), [['extra-audio', 7]]);
  });

  it('stop with their publisher, and come back with its next keyframes; an unchanged header is not sent again', () => {
    const first = stage.live();
    stage.write(first, header(1), keyframe(0), header(1, 2), keyframe(0, 2));
    next();
    const fallback = stage.live(90_000);
    stage.write(first, keyframe(40), interframe(60), sound(60));
    assert.deepEqual(next(), []);
    fallback.end();
    const second = stage.begin({ mayReturn: true });
    stage.write(second, header(1), header(2, 2), keyframe(0), sound(0));
    assert.deepEqual(next(), [], 'nothing before the main keyframe');
    stage.clock.tick(300);
    stage.write(
      second,
      main(0, 'keyframe'),
      interframe(0),
      sound(10),
      interframe(10),
      keyframe(20),
      keyframe(20, 2),
    );
    assert.deepEqual(next(), [
      ['extra-audio', 310],
      ['extra-keyframe', 320],
      ['extra-video-header', 320],
      ['extra-keyframe', 320],
    ]);
  });

  it('wait for a keyframe again when the same publisher joins again', () => {
    const publisher = stage.live(0, { mayReturn: true });
    stage.write(publisher, header(1), keyframe(0), interframe(20));
    stage.live(90_000);
    next();
    later(publisher, 40, main(40, 'keyframe'), interframe(40), keyframe(60), interframe(80));
    const mainMs = stage.frames.at(-1)?.timestampMs ?? 0;
    assert.deepEqual(next(), [
      ['extra-keyframe', mainMs + 20],
      ['extra-interframe', mainMs + 40],
    ]);
  });

  it('send a changed header before the next packet', () => {
    const epoch = stage.live();
    stage.write(epoch, header(1), keyframe(0), header(2), header(2), keyframe(40));
    assert.deepEqual(
      next().map(([kind]) => kind),
      ['extra-video-header', 'extra-keyframe', 'extra-video-header', 'extra-keyframe'],
    );
  });

  it('never go back, each by itself', () => {
    const epoch = stage.live();
    stage.write(epoch, keyframe(100), interframe(90), interframe(100), sound(80), keyframe(30, 2));
    assert.deepEqual(next(), [
      ['extra-keyframe', 100],
      ['extra-interframe', 101],
      ['extra-interframe', 102],
      ['extra-audio', 80],
      ['extra-keyframe', 30],
    ]);
  });

  it('have no place before their epoch', () => {
    const first = stage.live();
    first.end();
    stage.clock.tick(500);
    const second = stage.live(1000);
    const startMs = stage.frames.at(-1)?.timestampMs ?? 0;
    stage.write(second, keyframe(999), interframe(1001), keyframe(1000, 2));
    assert.deepEqual(next(), [['extra-keyframe', startMs]]);
  });

  it('have a place up to 2 s from the main track, and then wait for a keyframe', () => {
    const epoch = stage.live();
    for (let ms = 500; ms <= 3000; ms += 500) later(epoch, 500, main(ms));
    stage.write(epoch, keyframe(5000), keyframe(1000, 2), keyframe(999, 3), interframe(3000, 3));
    stage.write(epoch, keyframe(5001), interframe(5000), keyframe(4000));
    assert.deepEqual(next(), [
      ['extra-keyframe', 5000],
      ['extra-keyframe', 1000],
      ['extra-keyframe', 5001],
    ]);
  });

  it("have a place up to 5 s from the main track where they are an encoder's, which may be late", () => {
    const epoch = stage.live(0, { hasRenditions: true });
    for (let ms = 500; ms <= 6000; ms += 500) later(epoch, 500, main(ms));
    stage.write(epoch, sound(999), sound(1000), sound(5980));
    assert.deepEqual(next(), [
      ['extra-audio', 1000],
      ['extra-audio', 5980],
    ]);
  });

  it("follow a jump of the publisher's clock when the main track has made it", () => {
    const epoch = stage.live();
    stage.write(epoch, keyframe(0), interframe(20));
    next();
    stage.clock.tick(40);
    stage.write(epoch, interframe(900_000), main(900_000), interframe(900_010), keyframe(900_020));
    const mainMs = stage.frames.at(-1)?.timestampMs ?? 0;
    assert.deepEqual(next(), [['extra-keyframe', mainMs + 20]]);
    assert.ok(mainMs < 100, String(mainMs));
  });

  it('do not hold off the slate, which has none of them', () => {
    const epoch = stage.live();
    stage.write(epoch, { kind: 'audio', ms: 0, payload: aacFrame(1) }, keyframe(0));
    for (let ms = 100; ms <= 3000; ms += 100) later(epoch, 100, interframe(ms), sound(ms));
    assert.equal(stage.timeline.onSlate, true);
    next();
    later(epoch, 100, keyframe(3100), sound(3100));
    assert.deepEqual(next(), []);
    later(epoch, 100, main(3200, 'keyframe'), keyframe(3200));
    assert.equal(stage.timeline.onSlate, false);
    assert.deepEqual(
      next().map(([kind]) => kind),
      ['extra-keyframe'],
    );
  });

  it('leave what the main track sends as it is', () => {
    const plain = () => stage.tags.filter(({ kind }) => !isExtraKind(kind));
    const run = (withExtras: boolean) => {
      const epoch = stage.live();
      for (let ms = 40; ms < 400; ms += 40) {
        later(epoch, 40, main(ms));
        if (withExtras) stage.write(epoch, keyframe(ms), sound(ms));
      }
      return plain().map(({ kind, timestampMs }) => [kind, timestampMs]);
    };
    const alone = run(false);
    stage.dispose();
    stage = new Stage();
    assert.deepEqual(run(true), alone);
    assertStrictlyRising(stage.frames);
  });
});
