import assert from 'node:assert/strict';
import { judge } from '../../../bench/media-kinds/judge.js';
import type { Play, PlayMode } from '../../../bench/media-kinds/play.js';
import { MEDIA_KINDS, type MediaKind } from '../../support/media-kinds.js';
import type { RecordingCheck } from '../../tools/recording/check-recording.js';

const KIND = MEDIA_KINDS.find(({ name }) => name === 'rate-30') as MediaKind;
const PLAY: Play = { recordings: ['a.flv'], restarts: 0 };

interface Seen {
  readonly lengthS?: number;
  readonly soundEndsMs?: number;
  readonly offsets?: readonly number[];
  readonly lastNumber?: number;
}

function seen({ lengthS = 4, soundEndsMs = 10, offsets = [0, 5, -5], lastNumber = 119 }: Seen = {}) {
  const track = { packets: 1, firstMs: 0, lastMs: 0, stepsBack: 0, longestGapMs: 33 };
  const readings = offsets.map((offsetMs, index) => ({ ptsMs: 1000 * index, offsetMs }));
  const worst = [...offsets].sort((a, b) => Math.abs(b) - Math.abs(a))[0] ?? Number.NaN;
  const check: RecordingCheck = {
    file: 'a.flv',
    decodeErrors: [],
    video: {
      ...{ ...track, endMs: lengthS * 1000, frames: 120, frameMs: 33.33, missingSlots: 0 },
      ...{ longestStillMs: 0, stills: [], firstNumber: 0, lastNumber },
    },
    audio: { ...track, endMs: lengthS * 1000 + soundEndsMs, beeps: 3, longestSilenceMs: 0 },
    av: { readings, medianMs: 0, worstMs: worst, unmatched: 0, startMs: 0, endMs: soundEndsMs },
  };
  return check;
}

describe('the verdict on a kind of media', () => {
  const misses = (what: Seen, mode: PlayMode = 'once', play: Play = PLAY, kind = KIND) =>
    judge(kind, mode, play, seen(), seen(what)).misses;

  it('has no misses where all targets are met', () => {
    assert.deepEqual(misses({}), []);
    assert.deepEqual(misses({ lengthS: 4.033, lastNumber: 118 }), []);
    assert.deepEqual(misses({ lengthS: 22, offsets: [0, 0, 0, 0, 0] }, 'loop'), []);
  });

  it('names each target that is missed', () => {
    assert.deepEqual(misses({ lengthS: 4.1 }), ['length']);
    assert.deepEqual(misses({ lastNumber: 117 }), ['last frame 117, not 119']);
    assert.deepEqual(misses({ soundEndsMs: -60 }), ['sound − frames']);
    assert.deepEqual(misses({ offsets: [0, -41] }), ['offset']);
    assert.deepEqual(misses({ offsets: [0, 0, 0, 0] }, 'loop'), ['4 readings of the offset']);
    assert.deepEqual(misses({}, 'once', { ...PLAY, restarts: 1 }), ['restarts']);
    assert.deepEqual(misses({}, 'once', { ...PLAY, recordings: ['a', 'b'] }), ['2 sessions']);
    assert.deepEqual(misses({}, 'once', { ...PLAY, problem: 'was not on air' }), ['was not on air']);
    assert.deepEqual(judge(KIND, 'once', PLAY, seen(), undefined).misses, ['nothing recorded']);
  });

  it('allows a damaged file to end elsewhere', () => {
    assert.deepEqual(
      misses({ lengthS: 2.5, lastNumber: 74 }, 'once', PLAY, { ...KIND, isDamaged: true }),
      [],
    );
  });
});
