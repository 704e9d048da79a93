import assert from 'node:assert/strict';
import fc from 'fast-check';
import { splitByteStream, withLengths } from '../../../src/media/nal-units.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A unit that has no start code in it, and ends with a one bit. */
const unit = fc
  .uint8Array({ minLength: 0, maxLength: 40 })
  .map((bytes) => Buffer.from([0x40, ...bytes.map((byte) => byte || 1), 0x80]));

describe('NAL units', () => {
  it('are split at start codes of three and of four bytes', () => {
    const units = splitByteStream(hex('00000001 4001 80 000001 4201 80 0000 000001 4401 80'));
    assert.deepEqual(
      units.map((bytes) => bytes.toString('hex')),
      ['400180', '420180', '440180'],
    );
  });

  it('are none without a start code, and none of nothing', () => {
    for (const bytes of ['', '0000', '000001', '00000100', '4001 80'])
      assert.deepEqual(splitByteStream(hex(bytes)), [], bytes);
  });

  it('are the same after all start codes, and come with their lengths', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(unit, fc.nat({ max: 3 }))), (given) => {
        const stream = Buffer.concat(
          given.flatMap(([bytes, zeros]) => [Buffer.alloc(zeros), hex('000001'), bytes]),
        );
        const units = splitByteStream(stream);
        assert.deepEqual(
          units,
          given.map(([bytes]) => bytes),
        );
        const frame = withLengths(units);
        let at = 0;
        for (const [bytes] of given) {
          assert.equal(frame.readUInt32BE(at), bytes.length);
          assert.ok(frame.subarray(at + 4, at + 4 + bytes.length).equals(bytes));
          at += 4 + bytes.length;
        }
        assert.equal(at, frame.length);
      }),
    );
  });
});
