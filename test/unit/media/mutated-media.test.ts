import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAacHeader } from '../../../src/media/aac.js';
import { parseAudioPayload } from '../../../src/media/audio-payload.js';
import { isDisposable, withDelimiter } from '../../../src/media/avc.js';
import { FlvDemuxer, type FlvTag } from '../../../src/media/flv-demuxer.js';
import { isVideoFrame } from '../../../src/media/stream-tag.js';
import {
  AVC_DATA_OFFSET,
  isLegacyAvc,
  parseVideoPayload,
  withCompositionTime,
} from '../../../src/media/video-payload.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { AAC_HEADER, aacFrame, avcFrame, avcHeader, cut, type FlvInput, flvFile } from '../../support/flv.js';
import { Stage } from '../timeline/stage.js';

const KINDS = ['keyframe', 'interframe', 'disposable'] as const;
/** Ten seconds of a broadcast: what it consists of, in the order of an encoder. */
const BROADCAST: readonly FlvInput[] = [
  { kind: 'video', ms: 0, payload: avcHeader(1) },
  { kind: 'audio', ms: 0, payload: AAC_HEADER },
  ...Array.from({ length: 100 }, (_, n): FlvInput[] => [
    {
      kind: 'video',
      ms: n * 100,
      payload: avcFrame(KINDS[n % 10 === 0 ? 0 : 1 + (n % 2)] ?? 'keyframe', n, 40),
    },
    { kind: 'audio', ms: n * 100, payload: aacFrame(n) },
  ]).flat(),
];

/** Bytes with some of them changed, taken out, put in or repeated, and an end that may be missing. */
function mutated(bytes: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(),
    value: fc.nat(255),
    kind: fc.constantFrom('set', 'cut', 'add', 'repeat'),
  });
  return fc.tuple(fc.array(change, { maxLength: 8 }), fc.option(fc.nat())).map(([changes, end]) => {
    let copy: Buffer = Buffer.from(bytes);
    for (const { at, value, kind } of changes) {
      const place = at % (copy.length + 1);
      const [before, after] = [copy.subarray(0, place), copy.subarray(place)];
      if (kind === 'set' && after.length > 0) copy[place] = value;
      else if (kind === 'cut') copy = Buffer.concat([before, after.subarray(value)]);
      else if (kind === 'add') copy = Buffer.concat([before, Buffer.alloc(value, value), after]);
      else copy = Buffer.concat([before, after.subarray(0, value), after]);
    }
    return end === null ? copy : copy.subarray(0, end % (copy.length + 1));
  });
}

const anyBytes = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
const videoPayload = fc.oneof(
  anyBytes,
  fc.constantFrom(...KINDS).chain((kind) => mutated(avcFrame(kind, 7, 40))),
  mutated(Buffer.from('91687663310000210000000126', 'hex')),
  mutated(Buffer.from('90617631010a0b', 'hex')),
);

describe('media that is broken', () => {
  it('of video is of some kind, with a composition time that can be changed', () => {
    fc.assert(
      fc.property(videoPayload, fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }), (payload, ms) => {
        const { kind, compositionMs } = parseVideoPayload(payload);
        assert.ok(Number.isInteger(compositionMs) && Math.abs(compositionMs) <= 2 ** 23);
        if (compositionMs !== 0) {
          const moved = withCompositionTime(payload, ms);
          assert.deepEqual(parseVideoPayload(moved), { kind, compositionMs: ms });
          assert.equal(moved.length, payload.length);
        }
        if (kind === 'keyframe' && isLegacyAvc(payload)) {
          const delimited = withDelimiter(payload, AVC_DATA_OFFSET);
          assert.deepEqual(parseVideoPayload(delimited), { kind, compositionMs });
          assert.ok(
            delimited.subarray(-payload.length + AVC_DATA_OFFSET).equals(payload.subarray(AVC_DATA_OFFSET)),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('of sound is of some kind, with a frame of some length', () => {
    const payload = fc.oneof(anyBytes, mutated(AAC_HEADER), mutated(aacFrame(1)));
    fc.assert(
      fc.property(payload, (bytes) => {
        assert.match(parseAudioPayload(bytes), /^(header|frame|other)$/);
        const { frameMs, silence } = parseAacHeader(bytes);
        assert.ok(frameMs >= 10 && frameMs <= 140, `frames of ${frameMs} ms`);
        if (silence !== undefined) assert.equal(parseAudioPayload(silence), 'frame');
      }),
      { numRuns: 2000 },
    );
  });

  it('costs little to look at: a frame of megabytes of empty units is left after some of them', () => {
    const units = Buffer.alloc(8 * 2 ** 20);
    assert.equal(isDisposable(units, AVC_DATA_OFFSET), false);
    let reads = 0;
    const counted = new Proxy(units, {
      get: (target, name) => {
        if (name === 'readUInt32BE') reads += 1;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    isDisposable(counted, AVC_DATA_OFFSET);
    assert.ok(reads < 5000, `${reads} units read`);
  });

  it('in an FLV stream gives whole tags and then its own error, alike at any cut', () => {
    const outcome = (pieces: readonly Buffer[]): string => {
      const seen: string[] = [];
      const demuxer = new FlvDemuxer(({ kind, timestampMs, payload }: FlvTag) => {
        seen.push(`${kind} ${timestampMs} ${payload.toString('hex')}`);
      }, 2000);
      try {
        for (const piece of pieces) demuxer.push(piece);
      } catch (error) {
        assert.ok(error instanceof BulkheadError && error.code === ErrorCodes.mediaInvalid, String(error));
        seen.push(error.message);
      }
      return seen.join('\n');
    };
    const lengths = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(mutated(flvFile(BROADCAST)), lengths, (bytes, sizes) => {
        assert.equal(outcome(cut(bytes, sizes)), outcome([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('never takes the timeline back, nor ends it with an error of another kind', () => {
    const tags = fc.array(
      fc.tuple(
        fc.nat(BROADCAST.length - 1),
        fc.nat(),
        fc.integer({ min: -30_000, max: 30_000 }),
        fc.nat(255),
      ),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(tags, (changes) => {
        const stage = new Stage();
        try {
          const broken = [...BROADCAST];
          for (const [n, at, shiftMs, value] of changes) {
            const { kind, ms, payload } = broken[n] ?? { kind: 'script', ms: 0, payload: Buffer.alloc(0) };
            const copy = Buffer.from(payload);
            if (copy.length > 0) copy[at % copy.length] = value;
            broken[n] = { kind, ms: ms + shiftMs, payload: copy };
          }
          const epoch = stage.begin();
          try {
            for (const tag of broken) {
              stage.clock.tick(50);
              stage.write(epoch, tag);
            }
          } catch (error) {
            assert.ok(error instanceof BulkheadError, String(error));
            assert.match(error.code, /^(media\.invalid|encoder\.ahead)$/);
          }
          const rises = (picked: typeof stage.tags, strictly: boolean) =>
            picked.every((tag, n) => {
              const before = picked[n - 1]?.timestampMs ?? -1;
              return strictly ? tag.timestampMs > before : tag.timestampMs >= before;
            });
          assert.ok(rises(stage.tags.filter(isVideoFrame), true), 'frames go back');
          assert.ok(rises(stage.sounds, false), 'sound goes back');
        } finally {
          stage.dispose();
        }
      }),
      { numRuns: 200 },
    );
  });
});
