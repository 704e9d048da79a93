import assert from 'node:assert/strict';
import * as zod from 'zod';
import * as z from '../../../src/base/zod.js';

/** The same schema by zod, and by recipes. */
const both = [zod, z as unknown as typeof zod].map((make) => {
  const name = make.string().min(1).max(5).describe('A name.');
  const place = { x: make.int().min(0).default(3), y: make.number().optional() };
  return make
    .strictObject({
      name,
      kind: make.enum(['a', 'b']).catch('a'),
      places: make
        .array(
          make.discriminatedUnion('type', [
            make.strictObject({ type: make.literal('one'), ...place }),
            make.strictObject({ type: make.literal('two') }).extend(place),
          ]),
        )
        .max(2),
      names: make.record(name, make.union([make.boolean(), make.null()])).prefault({}),
      again: make.lazy(() => name.nullish()),
    })
    .superRefine((value, context) => {
      if (value.name === 'bad') context.addIssue({ code: 'custom', message: 'expected a good name' });
    });
});
const VALUES: readonly unknown[] = [
  { name: 'n', kind: 'c', places: [{ type: 'one' }, { type: 'two', x: 1, y: 0.5 }], again: null },
  { name: 'bad', kind: 'b', places: [], names: { n: true, m: null } },
  { name: '', places: [{ type: 'three' }], names: { '': 1 }, again: 'too long' },
  { name: 'n', places: [{ type: 'one', x: -1 }, {}, {}], more: 1 },
  'text',
  undefined,
];

describe('a schema that is made at its first use', () => {
  it('checks as one of zod does', () => {
    const [eager, late] = both.map((schema) => VALUES.map((value) => schema.safeParse(value)));
    for (const [index, result] of (eager ?? []).entries()) {
      assert.equal(late?.[index]?.success, result.success);
      assert.deepEqual(late?.[index]?.data, result.data);
      assert.deepEqual(late?.[index]?.error?.issues, result.error?.issues);
    }
  });

  it('has the same JSON Schema, with descriptions', () => {
    const [eager, late] = both;
    const options = { io: 'input', unrepresentable: 'any' } as const;
    assert.deepEqual(
      z.toJSONSchema(late as z.ZodType, options),
      zod.toJSONSchema(eager as z.ZodType, options),
    );
  });

  it('is made at its first use, once', () => {
    let times = 0;
    const inner = z.preprocess((value) => value, z.string());
    const schema = z.lazy(() => {
      times++;
      return inner;
    });
    const later = schema.optional().describe('Text.');
    assert.equal(times, 0);
    assert.equal(later.parse('text'), 'text');
    assert.equal(later.description, 'Text.');
    assert.equal(later.parse(undefined), undefined);
    assert.equal(times, 1);
  });

  it('is a schema for who asks', () => {
    const schema = z.object({ a: z.string() });
    assert.ok(schema instanceof zod.ZodType);
    assert.ok('safeParse' in schema);
    assert.deepEqual(Object.keys(schema.shape), ['a']);
  });

  it('is one that zod takes for a part of its own', () => {
    const schema = zod.object({ list: zod.array(z.string().max(2)), more: z.int().optional() });
    assert.ok(schema.safeParse({ list: ['ab'] }).success);
    assert.equal(schema.safeParse({ list: ['abc'] }).success, false);
  });
});
