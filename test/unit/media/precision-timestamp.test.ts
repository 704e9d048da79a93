import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PrecisionTimestampScanner, withPrecisionTimestamp } from '../../../src/media/precision-timestamp.js';
import { readUserData, type SeiCodec, userDataSei, withUnitBeforeSlices } from '../../../src/media/sei.js';
import { accessUnitOf, enhancedFrame } from '../../../src/media/video-payload.js';
import { avcFrame, avcHeader } from '../../support/flv.js';

const codecs = fc.constantFrom<SeiCodec>('h264', 'hevc');
/** Bytes of which many have to be escaped. */
const bytes = (constraints: fc.IntArrayConstraints = {}) =>
  fc
    .array(fc.oneof(fc.constantFrom(0, 0, 0, 1, 2, 3), fc.integer({ min: 0, max: 255 })), {
      maxLength: 600,
      size: 'max',
      ...constraints,
    })
    .map((values) => Buffer.from(values));
/** Up to the year 2100. */
const times = fc.integer({ min: 0, max: 4_102_444_800_000 });

/** The NAL units of an access unit with lengths. */
function unitsOf(accessUnit: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at < accessUnit.length; ) {
    const end = at + 4 + accessUnit.readUInt32BE(at);
    assert.ok(end <= accessUnit.length, 'a NAL unit is longer than its frame');
    units.push(accessUnit.subarray(at + 4, end));
    at = end;
  }
  return units;
}

const accessUnit = (...units: readonly number[][]) =>
  Buffer.concat(units.map((unit) => Buffer.from([0, 0, 0, unit.length, ...unit])));

describe('user data in SEI', () => {
  it('is read as it was written, and has no start code in it', () => {
    fc.assert(
      fc.property(codecs, bytes({ minLength: 16, maxLength: 16 }), bytes(), (codec, uuid, data) => {
        const nal = userDataSei(codec, { uuid, data });
        assert.deepEqual(readUserData(codec, nal), [{ uuid, data }]);
        for (let at = 0; at + 2 < nal.length; at++) {
          const isEscaped = nal[at] !== 0 || nal[at + 1] !== 0 || (nal[at + 2] ?? 0) > 2;
          assert.ok(isEscaped, `0 0 ${nal[at + 2]} at ${at}`);
        }
        assert.notEqual(nal.at(-1), 0);
      }),
    );
  });

  it('is not found in damaged units, which cost nothing', () => {
    fc.assert(
      fc.property(codecs, bytes(), fc.nat(700), (codec, data, length) => {
        const nal = userDataSei(codec, { uuid: Buffer.alloc(16, 7), data });
        assert.ok(readUserData(codec, nal.subarray(0, length)).length <= 1);
        assert.ok(Array.isArray(readUserData(codec, data)));
      }),
    );
  });

  it('comes before the first slice, after delimiter and parameter sets', () => {
    const unit = Buffer.from([6, 5, 0]);
    const frame = accessUnit([9, 0xf0], [0x67, 1], [0x68, 1], [0x65, 1, 2], [0x65, 3]);
    const types = (payload: Buffer) => unitsOf(payload).map((nal) => (nal[0] ?? 0) & 0x1f);
    assert.deepEqual(types(withUnitBeforeSlices(frame, 0, 'h264', unit)), [9, 7, 8, 6, 5, 5]);
    const none = accessUnit([9, 0xf0]);
    assert.equal(withUnitBeforeSlices(none, 0, 'h264', unit), none);
  });
});

describe('a precision timestamp', () => {
  const hevc = enhancedFrame('hvc1', true, 40, accessUnit([0x40, 1, 1], [0x26, 1, 5, 6], [0x26, 1, 7]));

  it('is added to frames of H.264 and HEVC, which stay as they are otherwise', () => {
    fc.assert(
      fc.property(codecs, times, (codec, timeMs) => {
        const frame = codec === 'h264' ? avcFrame('interframe', 7, 33) : hevc;
        const marked = withPrecisionTimestamp(frame, timeMs);
        const { start } = accessUnitOf(marked) ?? assert.fail();
        assert.deepEqual(marked.subarray(0, start), frame.subarray(0, start));
        const isMark = (nal: Buffer) => readUserData(codec, nal).length > 0;
        const units = unitsOf(marked.subarray(start));
        assert.equal(units.filter(isMark).length, 1);
        assert.deepEqual(
          units.filter((nal) => !isMark(nal)),
          unitsOf(frame.subarray(start)),
        );
        assert.deepEqual(new PrecisionTimestampScanner().push(marked), [timeMs]);
      }),
    );
  });

  it('leaves headers and other codecs alone', () => {
    for (const payload of [
      avcHeader(1),
      enhancedFrame('av01', true, 0, Buffer.from([0x32, 1, 2])),
      Buffer.from([0x17]),
    ])
      assert.equal(withPrecisionTimestamp(payload, 1), payload);
  });

  it('is found in a stream, however that is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(times, bytes({ maxLength: 40 }), codecs), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (frames, lengths) => {
          const stream = Buffer.concat(
            frames.flatMap(([timeMs, noise, codec]) => [
              noise,
              withPrecisionTimestamp(codec === 'h264' ? avcFrame('interframe', 7, 33) : hevc, timeMs),
            ]),
          );
          const scanner = new PrecisionTimestampScanner();
          const found: number[] = [];
          for (let at = 0, n = 0; at < stream.length; n++) {
            const end = at + (lengths[n % lengths.length] ?? 1);
            found.push(...scanner.push(stream.subarray(at, end)));
            at = end;
          }
          assert.deepEqual(
            found,
            frames.map(([timeMs]) => timeMs),
          );
        },
      ),
    );
  });
});
