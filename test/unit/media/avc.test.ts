import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDisposable, parameterSetsOf, withParameterSets } from '../../../src/media/avc.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const START = 5;
const HEADER = hex('1700000000 01 64001e ff e1 0003 67aabb 01 0002 68cc');
const SETS = hex('00000003 67aabb 00000002 68cc');
const TAG = '1701000000';

describe('isDisposable', () => {
  const cases: [what: string, units: string, disposable: boolean][] = [
    ['slices that nothing refers to', '00000002 01aa 00000002 05aa', true],
    ['an IDR slice that is referred to', '00000002 65aa 00000002 01aa', false],
    ['a partition that is referred to', '00000002 01aa 00000002 62aa', false],
    ['parameter sets that are referred to', '00000002 67aa 00000002 01aa', true],
    ['no slice', '00000002 06aa', false],
    ['a unit without its bytes', '00000002 01aa 00000002', true],
    ['a unit of one byte', '00000001 01', true],
    ['as many units as are looked through', `${'00000001 06'.repeat(2047)} 00000001 01`, true],
    ['more units', `${'00000001 06'.repeat(2048)} 00000001 01`, false],
  ];
  for (const [what, units, disposable] of cases)
    it(`judges ${what}`, () => assert.equal(isDisposable(hex(`${TAG} ${units}`), START), disposable));
});

describe('parameterSetsOf', () => {
  it('reads long sets, and as many as there are', () => {
    const long = `67${'ab'.repeat(300)}`;
    const header = hex(`1700000000 01 64001e ff e2 012d ${long} 0003 67aabb 02 0001 68 0002 68cc`);
    const sets = hex(`0000012d ${long} 00000003 67aabb 00000001 68 00000002 68cc`);
    assert.deepEqual(parameterSetsOf(header, START), sets);
    assert.deepEqual(parameterSetsOf(HEADER.subarray(0, -5), START), undefined);
  });

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
    [
      'does not look behind the first slice',
      `${TAG} 00000002 65aa 00000002 67dd`,
      `${TAG} 00000003 67aabb 00000002 68cc 00000002 65aa 00000002 67dd`,
    ],
    [
      'does not look behind a slice of a keyframe that is no IDR',
      `${TAG} 00000002 61aa 00000002 67dd`,
      `${TAG} 00000003 67aabb 00000002 68cc 00000002 61aa 00000002 67dd`,
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
