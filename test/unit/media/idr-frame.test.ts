import assert from 'node:assert/strict';
import fc from 'fast-check';
import { withEmulationPrevention, withoutEmulationPrevention } from '../../../src/media/bits.js';
import { asIdrFrame } from '../../../src/media/idr-frame.js';
import { keyframeBody, OPEN_GOP } from '../../support/open-gop.js';

const START = 5;
const { sps: SPS, recoveryPoint: RECOVERY_POINT, cabac: CABAC, cavlc: CAVLC } = OPEN_GOP;
const body = keyframeBody;

describe('asIdrFrame', () => {
  for (const [what, { pps, slice, idr }] of Object.entries({ CABAC, CAVLC })) {
    it(`gives slices the header of an IDR frame, and leaves out what is said of the frame: ${what}`, () =>
      assert.deepEqual(asIdrFrame(body(SPS, pps, RECOVERY_POINT, slice), START), body(SPS, pps, idr)));
  }

  it('leaves an IDR frame as it is', () => {
    const idr = body(SPS, CABAC.pps, RECOVERY_POINT, CABAC.idr);
    assert.equal(asIdrFrame(idr, START), idr);
  });

  const unusable: [what: string, payload: Buffer][] = [
    ['nothing', body()],
    ['no parameter sets', body(CABAC.slice)],
    ['no PPS', body(SPS, CABAC.slice)],
    ['no slice', body(SPS, CABAC.pps)],
    ['a slice that refers to other frames', body(SPS, CABAC.pps, '00000004 419a0000')],
    ['a slice that no other frame refers to', body(SPS, CABAC.pps, CABAC.slice.replace('41', '01'))],
    ['a slice that is cut short', body(SPS, CABAC.pps, '00000003 418899')],
    ['a length beyond the end', body(SPS, CABAC.pps, CABAC.slice).subarray(0, -1)],
    ['more than a mebibyte', Buffer.concat([body(SPS, CABAC.pps, CABAC.slice), Buffer.alloc(2 ** 20)])],
  ];
  for (const [what, payload] of unusable)
    it(`makes none of ${what}`, () => assert.equal(asIdrFrame(payload, START), undefined));

  it('takes any slice, and makes it longer by two bytes and their emulation prevention at most', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.boolean(), (bytes, isCabac) => {
        const slice = Buffer.concat([Buffer.from([0, 0, 0, bytes.length + 2, 0x41, 0x88]), bytes]);
        const { pps } = isCabac ? CABAC : CAVLC;
        const payload = Buffer.concat([body(SPS, pps), slice]);
        const idr = asIdrFrame(payload, START);
        assert.ok(idr === undefined || idr.length <= payload.length + 2 + bytes.length / 2);
        assert.ok(idr === undefined || idr.at(-1) !== 0 || bytes.every((byte) => byte === 0));
      }),
    );
  });
});

describe('emulation prevention', () => {
  it('is taken out as it was put in, and leaves no start code', () => {
    const byte = fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (values) => {
        const bytes = Buffer.from(values);
        const coded = withEmulationPrevention(bytes);
        assert.deepEqual(withoutEmulationPrevention(coded), bytes);
        for (const code of ['000000', '000001', '000002'])
          for (let at = 0; at + 3 <= coded.length; at++)
            assert.notEqual(coded.subarray(at, at + 3).toString('hex'), code);
      }),
    );
  });
});
