import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Amf0Error, type Amf0Value, readAmf0, writeAmf0 } from '../../../src/media/amf0.js';

const value = fc.letrec<{ value: Amf0Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.double(),
    fc.boolean(),
    fc.string({ unit: 'grapheme' }),
    fc.constant(null),
    fc.constant(undefined),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 4 })
      .map((object) => Object.assign(Object.create(null), object)),
  ),
})).value;

describe('AMF0', () => {
  it('reads what it has written', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), (values) => {
        assert.deepEqual(readAmf0(writeAmf0(...values)), values);
      }),
    );
  });

  it('accepts any bytes, or rejects them with its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          readAmf0(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof Amf0Error, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a command with any of its bytes changed, or refuses it with its own error', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 5 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }),
        (values, changes) => {
          const bytes = writeAmf0(...values);
          for (const [at, to] of changes) if (bytes.length > 0) bytes[at % bytes.length] = to;
          try {
            assert.ok(readAmf0(bytes).length <= bytes.length);
          } catch (error) {
            assert.ok(error instanceof Amf0Error, String(error));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('bounds the number of values: those of lists, of objects, and one after the other', () => {
    const nulls = Array.from({ length: 2049 }, () => null);
    assert.equal(readAmf0(writeAmf0(...nulls.slice(1))).length, 2048);
    assert.throws(() => readAmf0(writeAmf0(...nulls)), /more than 2048 values/);
    assert.throws(() => readAmf0(writeAmf0(nulls)), /more than 2048 values/);
    const object = Object.fromEntries(nulls.map((_, n) => [`p${n}`, n]));
    assert.throws(() => readAmf0(writeAmf0(object)), /more than 2048 values/);
    const lists = Array.from({ length: 50 }, () => Array.from({ length: 50 }, () => 0));
    assert.throws(() => readAmf0(writeAmf0(lists)), /more than 2048 values/);
  });

  it('refuses a list that claims more than there is, and objects that do not end', () => {
    assert.throws(() => readAmf0(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 5])), /in too few bytes/);
    assert.throws(() => readAmf0(Buffer.alloc(60_000, Buffer.from([0x03, 0, 1, 0x61]))), Amf0Error);
    assert.throws(() => readAmf0(Buffer.from([0x0c, 0xff, 0xff, 0xff, 0xff, 0x61])), /middle of a value/);
  });

  it('refuses every cut of a value', () => {
    const whole = writeAmf0({ a: 'text', list: [1, true, null], when: new Date(0) });
    for (let length = 1; length < whole.length; length++) {
      assert.throws(() => readAmf0(whole.subarray(0, length)), Amf0Error);
    }
  });

  it('reads an ECMA array whose count is wrong, a typed object and a long string', () => {
    const count = Buffer.from([0x08, 0xff, 0xff, 0xff, 0xff]);
    const property = Buffer.from('\x00\x01a\x01\x01\x00\x00\x09', 'latin1');
    assert.deepEqual({ ...(readAmf0(Buffer.concat([count, property]))[0] as object) }, { a: true });
    const typed = Buffer.concat([Buffer.from('\x10\x00\x03Foo', 'latin1'), property]);
    assert.deepEqual({ ...(readAmf0(typed)[0] as object) }, { a: true });
    const long = 'x'.repeat(70_000);
    assert.deepEqual(readAmf0(writeAmf0(long)), [long]);
  });

  it('writes objects as the specification has them', () => {
    assert.equal(writeAmf0({ a: true }).toString('latin1'), '\x03\x00\x01a\x01\x01\x00\x00\x09');
  });

  it('writes texts of up to 65535 bytes as short ones', () => {
    const marked = (length: number) => [
      writeAmf0('x'.repeat(length))[0],
      writeAmf0('x'.repeat(length)).length,
    ];
    assert.deepEqual(marked(65_535), [0x02, 65_538]);
    assert.deepEqual(marked(65_536), [0x0c, 65_541]);
  });

  it('writes names of properties of up to 65535 bytes', () => {
    const named = (length: number) => ({ ['x'.repeat(length)]: 1 });
    assert.deepEqual({ ...(readAmf0(writeAmf0(named(65_535)))[0] as object) }, named(65_535));
    assert.throws(() => writeAmf0(named(65_536)), /a property name of more than 65535 bytes/);
  });

  it('bounds nesting, on both ways', () => {
    const deep = Buffer.alloc(200_000, Buffer.from([0x0a, 0, 0, 0, 1]));
    assert.throws(() => readAmf0(deep), /nested/);
    const circle: Amf0Value[] = [];
    circle.push(circle);
    assert.throws(() => writeAmf0(circle), /nested/);
    const nested = (depth: number): Amf0Value => (depth === 0 ? null : [nested(depth - 1)]);
    assert.deepEqual(readAmf0(writeAmf0(nested(16))), [nested(16)]);
    assert.throws(() => writeAmf0(nested(17)), /nested deeper than 16/);
  });

  it('makes no object with a prototype of the sender’s choice', () => {
    const [read] = readAmf0(writeAmf0(Object.fromEntries([['__proto__', { polluted: true }]])));
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.equal(Object.getPrototypeOf(read), null);
  });
});
