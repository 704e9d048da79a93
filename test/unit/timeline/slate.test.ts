import assert from 'node:assert/strict';
import { isVideoFrame } from '../../../src/media/stream-tag.js';
import { aacFrame, avcFrame, flvTag } from '../../support/flv.js';
import { keyframeBody, OPEN_GOP } from '../../support/open-gop.js';
import { AUDIO_FRAME_MS, assertStrictlyRising, isSilence, Stage } from './stage.js';

describe('Slate', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.dispose());

  it('repeats the last keyframe twice a second, and fills the sound with silence, at the wall clock’s position', () => {
    const epoch = stage.live();
    stage.clock.tick(33);
    stage.write(epoch, { kind: 'audio', ms: 33, payload: aacFrame(1) });
    stage.clock.tick(1900);
    assert.equal(stage.timeline.onSlate, false);
    stage.clock.tick(60_000);
    assert.equal(stage.timeline.onSlate, true);
    const repeats = stage.frames.slice(1);
    assert.ok(repeats.length >= 118 && repeats.length <= 122, `${repeats.length} keyframes`);
    for (const { kind, payload } of repeats) {
      assert.equal(kind, 'keyframe');
      assert.equal(payload.readUInt32BE(payload.length - 4), 1);
    }
    for (const track of [stage.frames, stage.sounds]) {
      assertStrictlyRising(track);
      assert.ok(Math.abs(track.at(-1)!.timestampMs - performance.now()) < 1300);
    }
    assert.ok(stage.sounds.slice(1).every((tag) => isSilence(tag)));
    const expected = (stage.sounds.at(-1)!.timestampMs - 33) / AUDIO_FRAME_MS;
    assert.ok(Math.abs(stage.sounds.length - 1 - expected) < 0.1, 'the grid does not drift');
  });

  it('uses silent frames of the last audio configuration and frame length', () => {
    const mono22 = Buffer.from([0xaf, 0, 0x13, 0x88]);
    const stereo44 = Buffer.from([0xaf, 0, 0x12, 0x10]);
    const epoch = stage.live();
    for (const [from, header, frameMs] of [
      [0, mono22, 1024 / 22.05],
      [20_000, stereo44, 1024 / 44.1],
    ] as const) {
      const again = from === 0 ? epoch : stage.begin();
      stage.write(
        again,
        { kind: 'audio', ms: from, payload: header },
        { kind: 'video', ms: from, payload: avcFrame('keyframe', 2) },
        { kind: 'audio', ms: from, payload: aacFrame(1) },
      );
      again.end();
      const heard = stage.sounds.length;
      stage.clock.tick(10_000);
      const silence = stage.sounds.slice(heard);
      assert.ok(silence.every((tag) => isSilence(tag, header)));
      assert.ok(Math.abs(silence.length - 10_000 / frameMs) < 5, `${silence.length} frames in 10 s`);
    }
  });

  it('begins after 700 ms if the encoder has ended', () => {
    const epoch = stage.live();
    epoch.end();
    stage.clock.tick(690);
    assert.equal(stage.frames.length, 1);
    stage.clock.tick(140);
    assert.equal(stage.timeline.onSlate, true);
    assert.equal(stage.frames.length, 2);
  });

  it('begins after 700 ms where an encoder is alive and there is no sound to hold with', () => {
    const epoch = stage.live();
    stage.clock.tick(690);
    assert.equal(stage.timeline.onSlate, false);
    stage.clock.tick(140);
    assert.equal(stage.timeline.onSlate, true);
    assert.equal(epoch.joined, false);
  });

  describe('while an encoder is alive and silent', () => {
    const sound = (ms: number) => ({ kind: 'audio', ms, payload: aacFrame(ms) }) as const;
    const frame = (ms: number) => ({ kind: 'video', ms, payload: avcFrame('interframe', ms) }) as const;

    it('sends silence from 700 ms on, and takes the encoder’s next frame when it comes', () => {
      const epoch = stage.live();
      stage.write(epoch, sound(0));
      stage.clock.tick(690);
      assert.equal(stage.sounds.length, 1);
      stage.clock.tick(500);
      assert.ok(stage.sounds.length > 40, `${stage.sounds.length} frames of silence`);
      assert.equal(stage.timeline.onSlate, false);
      stage.write(epoch, frame(1180), sound(1190), sound(1216));
      assert.equal(epoch.joined, true);
      assert.equal(stage.frames.at(-1)?.timestampMs, 1180);
      assert.equal(isSilence(stage.sounds.at(-1)!), false);
      stage.clock.tick(600);
      assert.equal(stage.frames.length, 2, 'the silence before does not count any more');
    });

    it('waits for 1.3 s each time before it repeats the keyframe', () => {
      const epoch = stage.live();
      stage.write(epoch, sound(0));
      for (const heardMs of [0, 1900]) {
        if (heardMs > 0) stage.write(epoch, frame(heardMs), sound(heardMs));
        stage.clock.tick(1950);
        assert.equal(stage.timeline.onSlate, false, `after ${heardMs} ms`);
      }
      stage.clock.tick(150);
      assert.equal(stage.timeline.onSlate, true);
    });

    it('drops sound that silence has replaced, and keeps the rest in place', () => {
      const epoch = stage.live();
      stage.write(epoch, sound(0));
      stage.clock.tick(1200);
      for (let ms = 21; ms < 1500; ms += 21) stage.write(epoch, sound(ms));
      assertStrictlyRising(stage.sounds);
      const heard = stage.sounds.filter((tag) => !isSilence(tag)).slice(1);
      for (const { timestampMs, payload } of heard)
        assert.ok(Math.abs(timestampMs - payload.readUInt32BE(2)) <= AUDIO_FRAME_MS, `${timestampMs}`);
      assert.ok(heard.length >= 12 && heard.length <= 20, `${heard.length} frames of sound`);
    });

    it('repeats the keyframe immediately if the encoder ends in the meantime', () => {
      const epoch = stage.live();
      stage.write(epoch, sound(0));
      stage.clock.tick(1200);
      assert.equal(stage.timeline.onSlate, false);
      epoch.end();
      stage.clock.tick(100);
      assert.equal(stage.timeline.onSlate, true);
    });

    it('waits longer for an encoder with one frame a second', () => {
      const epoch = stage.live();
      for (const ms of [0, 1000, 2000, 3000, 4000]) {
        if (ms > 0) stage.write(epoch, frame(ms));
        stage.write(epoch, sound(ms));
        const before = stage.sounds.length;
        stage.clock.tick(1000);
        if (ms > 0) assert.equal(stage.sounds.length, before, `silence after ${ms} ms`);
      }
      assert.equal(stage.timeline.onSlate, false);
    });
  });

  it('begins each repeated keyframe with an access unit delimiter', () => {
    stage.live();
    stage.clock.tick(5000);
    const [live, ...repeats] = stage.frames.map(({ payload }) => payload.readUInt8(9) & 0x1f);
    assert.equal(live, 5);
    assert.deepEqual(new Set(repeats), new Set([9]));
  });

  it('repeats the keyframe of an open GOP as an IDR frame, so that each repeat is decoded by itself', () => {
    const { sps, recoveryPoint, cabac } = OPEN_GOP;
    const epoch = stage.begin();
    const payload = keyframeBody(sps, cabac.pps, recoveryPoint, cabac.slice);
    stage.write(epoch, { kind: 'video', ms: 0, payload });
    stage.clock.tick(5000);
    const [live, ...repeats] = stage.frames.map((frame) => frame.payload);
    assert.deepEqual(live, payload);
    assert.ok(repeats.length > 3);
    for (const repeat of repeats) assert.deepEqual(repeat, keyframeBody(sps, cabac.pps, cabac.idr));
  });

  it('repeats a large keyframe less often', () => {
    const epoch = stage.begin();
    const large = Buffer.concat([avcFrame('keyframe', 1), Buffer.alloc(300_000)]);
    stage.write(epoch, { kind: 'video', ms: 0, payload: large });
    stage.clock.tick(62_000);
    assert.ok(stage.frames.length >= 61 && stage.frames.length <= 63, `${stage.frames.length} keyframes`);
  });

  it('sends nothing if no keyframe has been seen', () => {
    stage.begin();
    stage.clock.tick(60_000);
    assert.deepEqual(stage.tags, []);
    assert.equal(stage.timeline.onSlate, false);
  });

  it('does not begin while an encoder delivers', () => {
    const epoch = stage.live();
    for (let ms = 500; ms < 10_000; ms += 500) {
      stage.clock.tick(500);
      stage.write(epoch, { kind: 'audio', ms, payload: aacFrame(ms) });
    }
    assert.equal(stage.frames.length, 1);
  });

  it('ends when an encoder joins, and begins again when that one crashes', () => {
    stage.live().end();
    stage.clock.tick(5000);
    const second = stage.live();
    assert.equal(stage.timeline.onSlate, false);
    assertStrictlyRising(stage.frames);
    assert.ok(Math.abs(stage.frames.at(-1)!.timestampMs - 5000) < 40);
    const during = stage.tags.length;
    stage.clock.tick(600);
    assert.equal(stage.tags.length, during);
    second.end();
    stage.clock.tick(300);
    assert.equal(stage.timeline.onSlate, true);
    assert.equal(stage.timeline.status().splices, 1);
  });

  it('lets a stalled encoder join again only with a keyframe', () => {
    const epoch = stage.live();
    stage.clock.tick(3000);
    assert.equal(epoch.joined, false);
    const repeats = stage.frames.length;
    stage.write(epoch, { kind: 'video', ms: 33, payload: avcFrame('interframe', 2) });
    stage.write(epoch, { kind: 'audio', ms: 33, payload: aacFrame(1) });
    assert.equal(stage.frames.length, repeats);
    stage.write(epoch, { kind: 'video', ms: 66, payload: avcFrame('keyframe', 3) });
    assert.equal(epoch.joined, true);
    assert.equal(stage.frames.at(-1)!.payload.readUInt32BE(10), 3);
    assertStrictlyRising(stage.frames);
    assert.equal(stage.timeline.status().splices, 0, 'the same encoder is not spliced to itself');
  });

  it('does not begin because of a stall of the core itself', () => {
    const epoch = stage.live();
    stage.clock.tick(100);
    stage.clock.jump(60_000);
    assert.equal(stage.timeline.onSlate, false);
    epoch.write(flvTag({ kind: 'video', ms: 60_100, payload: avcFrame('interframe', 2) }), performance.now());
    assert.equal(stage.frames.length, 2);
    stage.clock.tick(3000);
    assert.equal(stage.timeline.onSlate, true);
  });

  it('catches up with the wall clock after a stall of the core, with a bounded burst', () => {
    const epoch = stage.live();
    stage.write(epoch, { kind: 'audio', ms: 0, payload: aacFrame(1) });
    stage.clock.tick(3000);
    const before = stage.tags.length;
    stage.clock.jump(3_600_000);
    stage.clock.tick(200);
    assert.ok(stage.tags.length - before < 300, `${stage.tags.length - before} tags at once`);
    assert.ok(performance.now() - stage.sounds.at(-1)!.timestampMs < 300);
    assert.ok(performance.now() - stage.frames.at(-1)!.timestampMs < 1300);
  });

  it('is counted each time it begins', () => {
    const run = stage.live();
    assert.equal(stage.timeline.status().slates, 0);
    stage.clock.tick(10_000);
    assert.equal(stage.timeline.status().slates, 1);
    stage.write(run, { kind: 'video', ms: 10_000, payload: avcFrame('keyframe', 2) });
    stage.clock.tick(10_000);
    assert.equal(stage.timeline.status().slates, 2);
  });

  it('sends nothing once the timeline is disposed', () => {
    stage.live();
    stage.clock.tick(3000);
    const before = stage.tags.length;
    stage.timeline.dispose();
    stage.clock.tick(10_000);
    assert.equal(stage.tags.length, before);
    assert.ok(stage.tags.some(isVideoFrame));
  });
});
