import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TrackInterleaver } from '../../../src/core/publish/enhanced-broadcasting/track-interleaver.js';
import { asExtraTrack } from '../../../src/media/enhanced-packets.js';
import { isExtraFrame, isVideoFrame, type StreamTag } from '../../../src/media/stream-tag.js';
import { avcFrame } from '../../support/flv.js';
import { tag } from './tags.js';

const FRAME_MS = 40;
const GOP = 5;

const frameOf = (track: number, slot: number): StreamTag => {
  const kind = slot % GOP === 0 ? 'keyframe' : 'interframe';
  const main = tag(kind, slot * FRAME_MS, avcFrame(kind, slot));
  const extra = track === 0 ? main : asExtraTrack(main, track);
  assert.ok(extra !== undefined);
  return extra;
};
const isFrame = (one: StreamTag) => isVideoFrame(one) || isExtraFrame(one);

describe('the tracks of one stream', () => {
  function interleaver(tracks: number) {
    const sent: StreamTag[] = [];
    return { sent, tracks: new TrackInterleaver(tracks, (one) => sent.push(one)) };
  }
  const shown = (tags: readonly StreamTag[]) =>
    tags.map(
      ({ kind, track = 0, timestampMs }) => `${isFrame({ kind } as StreamTag) ? track : kind} ${timestampMs}`,
    );

  it('are in the order of their times: the sound, then a frame of each', () => {
    const { sent, tracks } = interleaver(3);
    tracks.take(0, frameOf(0, 0));
    tracks.take(0, tag('audio', 20));
    tracks.take(0, frameOf(0, 1));
    assert.deepEqual(sent, [], 'the others are waited for');
    tracks.take(2, frameOf(2, 0));
    tracks.take(1, frameOf(1, 0));
    assert.deepEqual(shown(sent), ['0 0', '1 0', '2 0']);
    tracks.take(1, frameOf(1, 1));
    tracks.take(2, frameOf(2, 1));
    assert.deepEqual(shown(sent.slice(3)), ['audio 20'], 'so is the sound');
    tracks.take(0, tag('audio', 41));
    assert.deepEqual(shown(sent.slice(3)), ['audio 20', '0 40', '1 40', '2 40']);
  });

  it('do not wait for one that hangs, which goes on with a keyframe', () => {
    const { sent, tracks } = interleaver(2);
    tracks.take(1, frameOf(1, 0));
    for (let slot = 0; slot <= 60; slot++) tracks.take(0, frameOf(0, slot));
    assert.equal(shown(sent).at(-1), `0 ${60 * FRAME_MS - 1520}`, 'the main track is 1.5 s late at most');
    for (let slot = 1; slot <= 60; slot++) tracks.take(1, frameOf(1, slot));
    const own = sent.filter(({ track }) => track === 1).map(({ timestampMs }) => timestampMs / FRAME_MS);
    assert.deepEqual(own.slice(0, 2), [0, 25], 'what has been sent already has no frame of it');
    assert.equal(own.at(-1), 60);
  });

  it('lose no frame of the main one, whatever the order in which the encoders deliver', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 1, max: 60 }), fc.boolean()), { maxLength: 60 }),
        (count, turns) => {
          const { sent, tracks } = interleaver(count);
          const next = new Array<number>(count).fill(0);
          let soundMs = 0;
          let main = 0;
          let sounds = 0;
          for (const [which, frames, hasSound] of turns) {
            const track = which % count;
            for (let i = 0; i < frames; i++) {
              tracks.take(track, frameOf(track, next[track] ?? 0));
              next[track] = (next[track] ?? 0) + 1;
              if (track === 0) main += 1;
            }
            if (!hasSound) continue;
            soundMs += 21;
            sounds += 1;
            tracks.take(0, tag('audio', soundMs));
          }
          const newestMs = Math.max(soundMs, ...next.map((slots) => (slots - 1) * FRAME_MS));
          const due = (ms: number) => ms <= newestMs - 1500;
          const mine = sent.filter(isVideoFrame);
          assert.ok(mine.length >= Array.from({ length: main }, (_, n) => n * FRAME_MS).filter(due).length);
          assert.deepEqual(
            mine.map(({ timestampMs }) => timestampMs),
            mine.map((_, n) => n * FRAME_MS),
          );
          assert.ok(sent.filter(({ kind }) => kind === 'audio').length <= sounds);
          for (let track = 1; track < count; track++) {
            const own = sent.filter((one) => one.track === track);
            for (const [at, { kind, timestampMs }] of own.entries()) {
              const before = own[at - 1];
              const follows = before !== undefined && timestampMs === before.timestampMs + FRAME_MS;
              assert.ok(
                follows || kind === 'extra-keyframe',
                `track ${track} at ${timestampMs} ms cannot be decoded`,
              );
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('never go back in time, as long as none is late', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 300 }), (turns) => {
        const { sent, tracks } = interleaver(3);
        const next = [0, 0, 0];
        for (const track of turns) {
          // No track is more than a second ahead.
          if ((next[track] ?? 0) > Math.min(...next) + 25) continue;
          tracks.take(track, frameOf(track, next[track] ?? 0));
          next[track] = (next[track] ?? 0) + 1;
        }
        assert.equal(sent.length, 3 * Math.min(...next));
        for (const [at, { timestampMs }] of sent.entries())
          assert.ok(timestampMs >= (sent[at - 1]?.timestampMs ?? 0));
      }),
      { numRuns: 100 },
    );
  });
});
