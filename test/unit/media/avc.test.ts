import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parameterSetsOf, withParameterSets } from '../../../src/media/avc.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const START = 5;
const HEADER = hex('1700000000 01 64001e ff e1 0003 67aabb 01 0002 68cc');
const SETS = hex('00000003 67aabb 00000002 68cc');
const TAG = '1701000000';

describe('parameterSetsOf', () => {
  it('reads the SPS and PPS of a sequence header', () =>
    assert.deepEqual(parameterSetsOf(HEADER, START), SETS));

  const unusable: [what: string, header: Buffer][] = [
    ['nothing', hex('1700000000')],
    [
      'another version, such as AV1 under this number',
      hex('1700000000 0a 64001e ff e1 0003 67aabb 01 0002 68cc'),
    ],
    ['lengths of two bytes', hex('1700000000 01 64001e fd e1 0003 67aabb 01 0002 68cc')],
    ['no sets', hex('1700000000 01 64001e ff e0 00')],
    ['an empty set', hex('1700000000 01 64001e ff e1 0000 01 0002 68cc')],
    ['a set that is cut short', HEADER.subarray(0, -1)],
    ['a missing count', HEADER.subarray(0, -5)],
  ];
  for (const [what, header] of unusable)
    it(`finds none in ${what}`, () => assert.equal(parameterSetsOf(header, START), undefined));

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const sets = parameterSetsOf(Buffer.concat([hex('1700000000 01 64001e ff'), bytes]), START);
        assert.ok(sets === undefined || sets.length <= bytes.length + 4 * 287);
      }),
    );
  });
});

describe('withParameterSets', () => {
  const cases: [what: string, before: string, after: string][] = [
    [
      'puts them before the first slice',
      `${TAG} 00000002 65aa`,
      `${TAG} 00000003 67aabb 00000002 68cc 00000002 65aa`,
    ],
    [
      'leaves the delimiter first',
      `${TAG} 00000002 0910 00000002 65aa`,
      `${TAG} 00000002 0910 00000003 67aabb 00000002 68cc 00000002 65aa`,
    ],
    [
      'keeps what has its own, behind a delimiter and an SEI',
      `${TAG} 00000002 0910 00000002 0600 00000002 67dd 00000002 65aa`,
      `${TAG} 00000002 0910 00000002 0600 00000002 67dd 00000002 65aa`,
    ],
    ['takes a body without units', TAG, `${TAG} 00000003 67aabb 00000002 68cc`],
  ];
  for (const [what, before, after] of cases)
    it(what, () => assert.deepEqual(withParameterSets(hex(before), START, SETS), hex(after)));

  it('loses nothing of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const payload = Buffer.concat([hex(TAG), bytes]);
        const grown = withParameterSets(payload, START, SETS);
        assert.ok(grown.length === payload.length || grown.length === payload.length + SETS.length);
      }),
    );
  });
});
