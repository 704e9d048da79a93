import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  asExtraTrack,
  type ExtraPacket,
  extraAudio,
  extraVideo,
  MAX_HEADER_BYTES,
  MAX_TRACK,
  ordinaryAudio,
  ordinaryVideo,
} from '../../../src/media/enhanced-packets.js';
import { AAC_HEADER, avcFrame, avcHeader } from '../../support/flv.js';

interface Track {
  readonly track: number;
  readonly fourCc: string;
  readonly body: Buffer;
}

/** How many tracks and codecs a packet has (Enhanced RTMP v2, AvMultitrackType). */
const ONE = 0;
const MANY = 1;
const MANY_CODECS = 2;

/** A multitrack packet as the specification writes it. */
function packet(first: number, how: number, type: number, tracks: readonly Track[]): Buffer {
  const common = how === MANY_CODECS ? '' : (tracks[0]?.fourCc ?? '');
  const parts = tracks.map(({ track, fourCc, body }) => {
    const size = Buffer.alloc(3);
    size.writeUIntBE(body.length, 0, 3);
    const codec = Buffer.from(how === MANY_CODECS ? fourCc : '');
    return Buffer.concat([codec, Buffer.from([track]), how === ONE ? Buffer.alloc(0) : size, body]);
  });
  return Buffer.concat([Buffer.from([first, (how << 4) | type]), Buffer.from(common), ...parts]);
}

const one = (track: number, body = 'aa', fourCc = 'hvc1'): Track => ({
  track,
  fourCc,
  body: Buffer.from(body, 'hex'),
});
const seen = (packets: readonly ExtraPacket[]) => packets.map(({ kind, track }) => [kind, track]);

describe('an ordinary stream as a further track', () => {
  const tagOf = (kind: 'video-header' | 'keyframe' | 'interframe' | 'disposable', payload: Buffer) =>
    ({ kind, timestampMs: 40, payload, readAtMs: 1 }) as const;

  it('is read as what it was by those that take packets apart', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('video-header', 'keyframe', 'interframe', 'disposable'),
        fc.integer({ min: 1, max: MAX_TRACK }),
        fc.nat(0xffff),
        fc.integer({ min: -40, max: 400 }),
        (kind, track, id, compositionMs) => {
          const payload = kind === 'video-header' ? avcHeader(id & 0xff) : avcFrame(kind, id, compositionMs);
          const extra = asExtraTrack(tagOf(kind, payload), track);
          assert.ok(extra !== undefined);
          assert.deepEqual([extra.track, extra.timestampMs, extra.readAtMs], [track, 40, 1]);
          const [only] = extraVideo(extra.payload);
          assert.deepEqual(only, { kind: extra.kind, track, payload: extra.payload });
          // As if it were the first track, it is what it was.
          const first = Buffer.from(extra.payload);
          first[6] = 0;
          assert.deepEqual(ordinaryVideo(first), payload);
        },
      ),
    );
  });

  it('is none of another codec, of sound, or of metadata', () => {
    const hevc = Buffer.from('91687663310000000000', 'hex');
    assert.equal(asExtraTrack(tagOf('keyframe', hevc), 1), undefined);
    assert.equal(
      asExtraTrack({ kind: 'audio-header', timestampMs: 0, payload: AAC_HEADER, readAtMs: 0 }, 1),
      undefined,
    );
    assert.equal(
      asExtraTrack({ kind: 'metadata', timestampMs: 0, payload: avcHeader(1), readAtMs: 0 }, 1),
      undefined,
    );
    assert.equal(asExtraTrack(tagOf('keyframe', Buffer.alloc(0)), 1), undefined);
  });
});

describe('the further tracks of multitrack packets', () => {
  const fourCc = fc.constantFrom('avc1', 'hvc1', 'av01', 'Opus', 'mp4a');
  const body = fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => Buffer.from(bytes));
  const tracks = fc.uniqueArray(fc.record({ track: fc.integer({ min: 0, max: 20 }), fourCc, body }), {
    selector: ({ track }) => track,
    minLength: 1,
    maxLength: 21,
  });

  for (const [what, split, ordinary, first, types] of [
    ['video', extraVideo, ordinaryVideo, [0x96, 0xa6], [0, 1, 3]],
    ['audio', extraAudio, ordinaryAudio, [0x95], [0, 1]],
  ] as const) {
    it(`${what}: each goes on whole, in a packet of its own, and the first one does not`, () => {
      fc.assert(
        fc.property(
          tracks,
          fc.constantFrom(...first),
          fc.constantFrom(...types),
          fc.constantFrom(ONE, MANY, MANY_CODECS),
          (all, header, type, how) => {
            const sent = how === ONE ? all.slice(0, 1) : all;
            const codec = (track: Track) =>
              how === MANY_CODECS ? track.fourCc : (sent[0]?.fourCc ?? track.fourCc);
            const expected = sent
              .filter(({ track }) => track >= 1 && track <= MAX_TRACK)
              .map((track) => packet(header, ONE, type, [{ ...track, fourCc: codec(track) }]));
            const input = packet(header, how, type, sent);
            const out = split(input);
            assert.deepEqual(
              out.map(({ payload }) => payload.toString('hex')),
              expected.map((payload) => payload.toString('hex')),
            );
            assert.equal(
              ordinary(input).length > 0,
              sent.some(({ track }) => track === 0),
            );
            for (const { payload, track } of out) {
              assert.equal(ordinary(payload).length, 0);
              assert.deepEqual(
                split(payload).map((again) => [again.track, again.payload]),
                [[track, payload]],
              );
            }
          },
        ),
      );
    });

    it(`${what}: any bytes give packets within the bounds`, () => {
      fc.assert(
        fc.property(fc.constantFrom(...first, 0x97), fc.uint8Array({ maxLength: 60 }), (header, rest) => {
          const input = Buffer.from([header, ...rest]);
          for (const { track, payload } of split(input)) {
            assert.ok(track >= 1 && track <= MAX_TRACK);
            assert.ok(payload.length > 7 && payload.length <= input.length + 7);
          }
        }),
      );
    });
  }

  it('tells headers, keyframes, other frames and sound apart', () => {
    const of = (first: number, type: number) => seen(extraVideo(packet(first, ONE, type, [one(1)])));
    assert.deepEqual(of(0x96, 0), [['extra-video-header', 1]]);
    assert.deepEqual(of(0x96, 1), [['extra-keyframe', 1]]);
    assert.deepEqual(of(0x96, 3), [['extra-keyframe', 1]]);
    assert.deepEqual(of(0xa6, 1), [['extra-interframe', 1]]);
    assert.deepEqual(of(0xb6, 1), [['extra-interframe', 1]]);
    // The end of a sequence, metadata, a command to the player.
    assert.deepEqual([of(0x96, 2), of(0x96, 4), of(0xd6, 1)], [[], [], []]);
    const sound = (type: number) => seen(extraAudio(packet(0x95, ONE, type, [one(2)])));
    assert.deepEqual([sound(0), sound(1)], [[['extra-audio-header', 2]], [['extra-audio', 2]]]);
    assert.deepEqual([sound(2), sound(4)], [[], []]);
  });

  it('are none in any other packet', () => {
    for (const text of ['17010000aa', '9168766331aa', '', '96', '9600', '960068766331', '970001', '95'])
      assert.deepEqual(extraVideo(Buffer.from(text, 'hex')), [], text);
    for (const text of ['af01aa', '914f707573aa', '', '95', '96016876633101aa'])
      assert.deepEqual(extraAudio(Buffer.from(text, 'hex')), [], text);
  });

  it('lose their modifiers, as the first one does', () => {
    const [extra] = extraVideo(Buffer.from('9702000001060168766331 01aa'.replace(' ', ''), 'hex'));
    assert.equal(extra?.payload.toString('hex'), '96016876633101aa');
  });

  it('go up to number 15, and no further', () => {
    const numbers = extraVideo(
      packet(
        0x96,
        MANY,
        1,
        [0, 1, 15, 16, 255].map((n) => one(n)),
      ),
    );
    assert.deepEqual(seen(numbers), [
      ['extra-keyframe', 1],
      ['extra-keyframe', 15],
    ]);
  });

  it('go on up to one that is empty, and up to one that is cut off', () => {
    const empty = extraVideo(packet(0x96, MANY, 1, [one(1, ''), one(2)]));
    assert.deepEqual(seen(empty), [['extra-keyframe', 2]]);
    const whole = packet(0x96, MANY, 1, [one(1), one(2)]);
    for (const [bytes, count] of [
      [0, 2],
      [1, 1],
      [5, 1],
      [6, 0],
    ] as const) {
      const cut = whole.subarray(0, whole.length - bytes);
      assert.equal(extraVideo(cut).length, count, `${bytes} bytes less`);
    }
  });

  it('have headers of 64 KiB at most, and larger frames', () => {
    const large = (type: number, bytes: number) =>
      extraVideo(packet(0x96, ONE, type, [{ ...one(1), body: Buffer.alloc(bytes) }])).length;
    assert.equal(MAX_HEADER_BYTES, 65_536);
    assert.deepEqual([large(0, 65_536), large(0, 65_537), large(1, 65_537)], [1, 0, 1]);
  });

  it('are read from the first 256 tracks of a packet', () => {
    const many = (before: number) =>
      extraVideo(packet(0x96, MANY, 1, [...Array.from({ length: before }, () => one(20)), one(1)])).length;
    assert.deepEqual([many(255), many(256)], [1, 0]);
  });
});
