import assert from 'node:assert/strict';
import fc from 'fast-check';
import { splitLengths, withLengths } from '../../../../src/media/nal-units.js';
import { h264Payloads } from '../../../../src/relay/whip/h264-payloads.js';

/** What a receiver makes of payloads, by RFC 6184. */
function received(payloads: readonly Buffer[]): Buffer[] {
  const units: Buffer[] = [];
  let parts: Buffer[] = [];
  for (const payload of payloads) {
    const type = payload.readUInt8(0) & 0x1f;
    if (type === 24) {
      for (let at = 1; at < payload.length; at += 2 + payload.readUInt16BE(at)) {
        units.push(payload.subarray(at + 2, at + 2 + payload.readUInt16BE(at)));
      }
    } else if (type === 28) {
      const flags = payload.readUInt8(1);
      if ((flags & 0x80) !== 0) {
        assert.equal(parts.length, 0, 'a unit begins after the end of the one before');
        parts.push(Buffer.from([(payload.readUInt8(0) & 0xe0) | (flags & 0x1f)]));
      }
      assert.ok(parts.length > 0, 'a fragment has a beginning');
      parts.push(payload.subarray(2));
      if ((flags & 0x40) === 0) continue;
      units.push(Buffer.concat(parts));
      parts = [];
    } else {
      units.push(payload);
    }
  }
  assert.equal(parts.length, 0, 'the last unit ends');
  return units;
}

const unit = fc
  .tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom(1, 5, 6, 7, 8, 9, 12),
    fc.integer({ min: 0, max: 5000 }),
    fc.integer({ min: 0, max: 255 }),
  )
  .map(([reference, type, length, fill]) =>
    Buffer.concat([Buffer.from([(reference << 5) | type]), Buffer.alloc(length, fill)]),
  );

describe('the packets of a frame of H.264', () => {
  it('hold all of its units in their order, but for delimiters and filler, and are no longer than they may be', () => {
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 12 }),
        fc.integer({ min: 100, max: 1500 }),
        (units, maxBytes) => {
          const payloads = h264Payloads(units, maxBytes);
          const expected = units.filter(([header = 0]) => ![9, 12].includes(header & 0x1f));
          assert.deepEqual(received(payloads), expected);
          for (const { length } of payloads) assert.ok(length > 0 && length <= maxBytes, `${length} bytes`);
        },
      ),
    );
  });

  it('go together where they are small, with the highest importance of theirs', () => {
    const [sps, pps, slice] = [Buffer.from([0x27, 1]), Buffer.from([0x68, 2]), Buffer.alloc(500, 0x65)];
    const payloads = h264Payloads([sps, pps, slice], 400);
    assert.deepEqual(payloads[0], Buffer.from([0x60 | 24, 0, 2, 0x27, 1, 0, 2, 0x68, 2]));
    assert.equal(payloads.length, 3);
  });

  it('are read from lengths, also damaged ones', () => {
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 6 }), fc.nat(), (units, cut) => {
        const whole = withLengths(units);
        assert.deepEqual(splitLengths(whole), units);
        const damaged = whole.subarray(0, whole.length === 0 ? 0 : cut % whole.length);
        const left = splitLengths(damaged);
        assert.deepEqual(left, units.slice(0, left.length));
      }),
    );
  });
});
