import assert from 'node:assert/strict';
import type { EpochWriter } from '../../../src/core/timeline/timeline.js';
import { parseVideoPayload } from '../../../src/media/video-payload.js';
import { BulkheadError } from '../../../src/protocol/errors.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader, type FlvInput, flvTag } from '../../support/flv.js';
import { AUDIO_FRAME_MS, assertStrictlyRising, isSilence, Stage } from './stage.js';

describe('Timeline', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.dispose());

  it('begins at 0 with metadata, both headers and the keyframe', () => {
    stage.live(123_456);
    assert.deepEqual(
      stage.tags.map(({ kind, timestampMs }) => [kind, timestampMs]),
      [
        ['metadata', 0],
        ['video-header', 0],
        ['audio-header', 0],
        ['keyframe', 0],
      ],
    );
  });

  it('has its last timestamp in its status, and ignores input once it is disposed of', () => {
    assert.equal(stage.timeline.status().lastTimestampMs, 0);
    const epoch = stage.live();
    assert.equal(stage.timeline.status().lastTimestampMs, 0);
    stage.write(epoch, { kind: 'video', ms: 40, payload: avcFrame('interframe', 2) });
    stage.timeline.dispose();
    stage.write(epoch, { kind: 'video', ms: 80, payload: avcFrame('interframe', 3) });
    const { lastTimestampMs, videoFrames } = stage.timeline.status();
    assert.deepEqual([lastTimestampMs, videoFrames], [40, 2]);
  });

  it("places the next encoder at the wall clock's position, and reports the gap", () => {
    const first = stage.live();
    stage.clock.tick(100);
    stage.write(first, { kind: 'video', ms: 100, payload: avcFrame('interframe', 2) });
    first.end();
    stage.clock.tick(230);
    const second = stage.live(77_000);
    assert.equal(stage.tags.at(-1)?.timestampMs, 330);
    assert.equal(second.joined, true);
    assert.equal(first.joined, false);
    assert.deepEqual(stage.joins, [
      { epoch: 1, gapMs: 0 },
      { epoch: 2, gapMs: 230 },
    ]);
  });

  it("uses the rest of an ended encoder's media until the next one joins, and nothing after", () => {
    const first = stage.live();
    const second = stage.begin();
    stage.write(first, { kind: 'video', ms: 33, payload: avcFrame('interframe', 2) });
    stage.write(second, { kind: 'video', ms: 0, payload: avcFrame('keyframe', 3) });
    stage.write(first, { kind: 'video', ms: 66, payload: avcFrame('keyframe', 4) });
    assert.deepEqual(
      stage.frames.map(({ payload }) => payload.readUInt32BE(10)),
      [1, 2, 3],
    );
  });

  describe('a publisher that may return', () => {
    it('joins again, with its next keyframe, after another epoch was active', () => {
      const publisher = stage.live(0, { mayReturn: true });
      const fallback = stage.live(50_000);
      stage.clock.tick(40);
      stage.write(publisher, { kind: 'video', ms: 40, payload: avcFrame('interframe', 5) });
      stage.write(publisher, { kind: 'video', ms: 80, payload: avcFrame('keyframe', 6) });
      assert.equal(publisher.joined, true);
      assert.equal(fallback.joined, false);
      stage.write(publisher, { kind: 'video', ms: 120, payload: avcFrame('interframe', 7) });
      assert.deepEqual(
        stage.frames.map(({ payload }) => payload.readUInt32BE(10)),
        [1, 1, 6, 7],
      );
      assertStrictlyRising(stage.frames);
      assert.equal(stage.timeline.status().splices, 2);
    });

    it('joins after a later epoch has joined before it', () => {
      stage.live();
      const publisher = stage.begin({ mayReturn: true });
      stage.live();
      stage.write(publisher, { kind: 'video', ms: 0, payload: avcFrame('keyframe', 9) });
      assert.equal(publisher.joined, true);
    });

    it('passes each of its tags to onTag, even while it is not on air', () => {
      const seen: string[] = [];
      const publisher = stage.begin({ mayReturn: true, onTag: ({ kind }) => seen.push(kind) });
      stage.live();
      stage.write(
        publisher,
        { kind: 'audio', ms: 0, payload: AAC_HEADER },
        { kind: 'video', ms: 0, payload: avcFrame('interframe', 1) },
      );
      assert.deepEqual(seen, ['audio-header', 'interframe']);
      assert.equal(publisher.joined, false);
    });
  });

  describe('an encoder that is ahead of the clock', () => {
    const deliver = (epoch: EpochWriter, fromMs: number, untilMs: number) => {
      for (let ms = fromMs; ms < untilMs; ms += 100)
        stage.write(epoch, { kind: 'video', ms, payload: avcFrame('interframe', 2) });
    };

    it('is ended if it ignores real time, and the next one continues', () => {
      const first = stage.live();
      assert.throws(() => deliver(first, 100, 1e6), { code: 'encoder.ahead', message: /60 s ahead/ });
      const { lastTimestampMs } = stage.timeline.status();
      assert.ok(lastTimestampMs > 59_000 && lastTimestampMs < 61_000, String(lastTimestampMs));
      deliver(first, 1e6, 1e6 + 1000);
      assert.equal(stage.timeline.status().lastTimestampMs, lastTimestampMs);
      const second = stage.live();
      deliver(second, 100, 3000);
      assert.equal(second.joined, true);
    });

    it('is judged by its lead over the clock, however long the broadcast has been on', () => {
      stage.live().end();
      stage.clock.tick(200_000);
      const second = stage.live();
      assert.throws(() => deliver(second, 100, 1e6), { code: 'encoder.ahead', message: /60 s ahead/ });
    });

    it('may begin with media buffered by its server', () => {
      const epoch = stage.live();
      deliver(epoch, 100, 30_000);
      for (let ms = 30_000; ms < 90_000; ms += 1000) {
        stage.clock.tick(1000);
        deliver(epoch, ms, ms + 1000);
      }
    });

    it('may have a clock that is a little fast', () => {
      const epoch = stage.live();
      for (let ms = 0; ms < 3_600_000; ms += 500) {
        stage.clock.tick(497);
        stage.write(epoch, { kind: 'video', ms: ms + 500, payload: avcFrame('interframe', 2) });
      }
      assert.equal(stage.frames.length, 7201);
    });

    it('is ended within a minute if it is a fifth too fast', () => {
      const epoch = stage.live();
      assert.throws(
        () => {
          for (let ms = 0; ms < 60_000; ms += 100) {
            stage.clock.tick(83);
            stage.write(epoch, { kind: 'video', ms: ms + 100, payload: avcFrame('interframe', 2) });
          }
        },
        { code: 'encoder.ahead' },
      );
    });
  });

  it('ignores an encoder that has been ended', () => {
    const epoch = stage.live();
    epoch.end();
    stage.write(epoch, { kind: 'video', ms: 33, payload: avcFrame('interframe', 2) });
    epoch.write(Buffer.from('garbage'), 0);
    assert.equal(stage.frames.length, 1);
  });

  it('ends an encoder that sends invalid FLV, after its valid tags', () => {
    const epoch = stage.live();
    const bytes = Buffer.concat([
      flvTag({ kind: 'video', ms: 33, payload: avcFrame('interframe', 2) }),
      Buffer.from('not a tag at all'),
    ]);
    assert.throws(() => epoch.write(bytes, 0), BulkheadError);
    assert.equal(stage.frames.length, 2);
    epoch.write(bytes, 0);
    assert.equal(stage.frames.length, 2);
  });

  it('never passes on the end of a sequence', () => {
    const epoch = stage.live();
    const before = stage.tags.length;
    stage.write(epoch, { kind: 'video', ms: 33, payload: Buffer.from([0x17, 2, 0, 0, 0]) });
    assert.equal(stage.tags.length, before);
  });

  it('sends a header that changes within an epoch, and not one that repeats', () => {
    const epoch = stage.live();
    stage.write(
      epoch,
      { kind: 'audio', ms: 0, payload: AAC_HEADER },
      { kind: 'video', ms: 33, payload: avcHeader(1) },
      { kind: 'video', ms: 33, payload: avcHeader(2) },
    );
    assert.deepEqual(
      stage.tags.slice(4).map(({ kind }) => kind),
      ['video-header'],
    );
  });

  it('replaces a negative composition time by 0', () => {
    const epoch = stage.live();
    stage.write(epoch, { kind: 'video', ms: 33, payload: avcFrame('interframe', 2, -20) });
    assert.equal(parseVideoPayload(stage.frames[1]!.payload).compositionMs, 0);
  });

  it('puts an encoder’s own SPS and PPS into each keyframe that lacks them, so that a splice changes both at once', () => {
    const header = (id: number) =>
      Buffer.from([0x17, 0, 0, 0, 0, 1, 100, 0, 30, 255, 0xe1, 0, 2, 0x67, id, 1, 0, 2, 0x68, id]);
    for (const id of [1, 2]) {
      const epoch = stage.begin();
      stage.write(
        epoch,
        { kind: 'video', ms: 0, payload: header(id) },
        { kind: 'video', ms: 0, payload: avcFrame('keyframe', id) },
        { kind: 'video', ms: 33, payload: avcFrame('interframe', id) },
      );
      const [keyframe, interframe] = stage.frames.slice(-2).map(({ payload }) => payload.subarray(5));
      const sets = Buffer.from([0, 0, 0, 2, 0x67, id, 0, 0, 0, 2, 0x68, id]);
      assert.deepEqual(keyframe, Buffer.concat([sets, avcFrame('keyframe', id).subarray(5)]));
      assert.deepEqual(interframe, avcFrame('interframe', id).subarray(5));
      epoch.end();
      stage.clock.tick(100);
    }
  });

  it('separates two frames with the same time', () => {
    const epoch = stage.live();
    for (const id of [2, 3])
      stage.write(epoch, { kind: 'video', ms: 33, payload: avcFrame('interframe', id) });
    assert.deepEqual(
      stage.frames.map(({ timestampMs }) => timestampMs),
      [0, 33, 34],
    );
  });

  it('fills the sound with silence up to an encoder’s first keyframe', () => {
    const first = stage.live();
    stage.write(first, { kind: 'audio', ms: 0, payload: aacFrame(1) });
    stage.clock.tick(500);
    stage.live();
    const before = stage.tags.slice(5);
    assert.equal(before.pop()?.kind, 'keyframe');
    assert.ok(before.length > 20);
    assert.ok(before.every((tag) => isSilence(tag)));
    assert.ok(Math.abs(before.at(-1)!.timestampMs - 500) < 1.5 * AUDIO_FRAME_MS);
  });

  it('drops a sound whose slot is taken', () => {
    for (const id of [1, 2]) {
      const epoch = stage.live();
      stage.write(epoch, { kind: 'audio', ms: 0, payload: aacFrame(id) });
      stage.write(epoch, { kind: 'audio', ms: 21, payload: aacFrame(id + 10) });
      stage.clock.tick(10);
    }
    const heard = stage.sounds.map(({ timestampMs, payload }) => [timestampMs, payload.readUInt32BE(2)]);
    assert.deepEqual(heard, [
      [0, 1],
      [21, 11],
      [42, 2],
      [63, 12],
    ]);
  });

  it('leaves gaps in the sound if it has no silent frame for the format', () => {
    const sbrHeader = Buffer.from([0xaf, 0, 0x11, 0x90, 0x56, 0xe5, 0x80]);
    for (const startMs of [0, 5000]) {
      const epoch = stage.begin();
      stage.write(epoch, { kind: 'audio', ms: startMs, payload: sbrHeader });
      stage.write(epoch, { kind: 'video', ms: startMs, payload: avcFrame('keyframe', startMs) });
      stage.write(epoch, { kind: 'audio', ms: startMs - 100, payload: aacFrame(1) });
      stage.write(epoch, { kind: 'audio', ms: startMs, payload: aacFrame(2) });
      stage.clock.tick(500);
    }
    assert.equal(stage.sounds.length, 2);
    const lateMs = stage.sounds[1]!.timestampMs - 500;
    assert.ok(lateMs >= 0 && lateMs <= AUDIO_FRAME_MS, `${lateMs} ms late`);
  });

  describe('when an encoder’s clock jumps', () => {
    /**
     * Position of a frame whose clock has jumped by this much, after the sound's has by 60 s; 100 ms of the broadcast.
     */
    function placeAfter(videoJumpMs: number): number {
      const epoch = stage.live();
      stage.write(epoch, { kind: 'audio', ms: 0, payload: aacFrame(1) });
      stage.clock.tick(100);
      stage.write(
        epoch,
        { kind: 'video', ms: 100, payload: avcFrame('interframe', 2) },
        { kind: 'audio', ms: 60_100, payload: aacFrame(2) },
        { kind: 'video', ms: 100 + videoJumpMs, payload: avcFrame('interframe', 3) },
      );
      return stage.frames.at(-1)!.timestampMs;
    }
    /** The sound is at 107, the first slot near 100; the next frame is due at 200. */
    for (const [videoJumpMs, expectedMs] of [
      [59_993, 200],
      [59_994, 101],
      [62_093, 2200],
      [62_094, 200],
    ] as const) {
      it(`by ${videoJumpMs} ms, it follows the sound's place from the last frame to two seconds after the next`, () => {
        assert.equal(placeAfter(videoJumpMs), expectedMs);
      });
    }

    const jumps: [what: string, jumpMs: number][] = [
      ['back to its beginning', -10_000],
      ['back a little', -300],
      ['ahead', 60_000],
    ];
    for (const [what, jumpMs] of jumps) {
      for (const [first, paceMs] of [
        ['video', 20],
        ['audio', 20],
        ['video', 25],
        ['audio', 25],
      ] as const) {
        it(`${what}, ${first} first, at ${paceMs} ms for 20, neither track shows it and they stay together`, () => {
          const epoch = stage.live(10_000);
          const frame = (n: number, ms: number): FlvInput => ({
            kind: 'video',
            ms,
            payload: avcFrame('interframe', n),
          });
          const sound = (n: number, ms: number): FlvInput => ({ kind: 'audio', ms, payload: aacFrame(n) });
          for (let n = 1; n <= 120; n++) {
            stage.clock.tick(paceMs);
            const jump = (kind: string) => (n > 60 || (n === 60 && kind === first) ? jumpMs : 0);
            const ms = 10_000 + n * 20;
            const pair = [frame(n, ms + jump('video')), sound(n, ms + jump('audio'))];
            stage.write(epoch, ...(first === 'video' ? pair : pair.reverse()));
          }
          assertStrictlyRising(stage.frames);
          assertStrictlyRising(stage.sounds);
          assert.equal(stage.frames.length, 121);
          const last = stage.frames.at(-1)!.timestampMs;
          // A slow encoder may be moved to the wall clock's position where it jumps, half way through.
          assert.ok(last >= 2360 && last <= 2440 + 60 * (paceMs - 20), `frames end at ${last} ms`);
          const lastSound = stage.sounds.at(-1)!.timestampMs;
          assert.ok(Math.abs(last - lastSound) <= 40, `${last} and ${lastSound} ms`);
          const steps = stage.sounds.slice(1).map((tag, n) => tag.timestampMs - stage.sounds[n]!.timestampMs);
          assert.ok(Math.max(...steps) <= 45, `a hole of ${Math.max(...steps)} ms`);
        });
      }
    }
  });
});
