import type { Random } from './random.js';

/** Of a JSON text that is made, bytes: somewhat more than a plugin may send. */
const MAX_TEXT = 300_000;

const TEXTS = [
  '',
  'a',
  'p',
  '__proto__',
  'constructor',
  'length',
  'toString',
  'valueOf',
  '\u202e',
  '\x1b[2J',
  '\ud800',
  'ß',
  '0',
  'onCommand:x',
];
const NUMBERS = [0, -0, 1, -1, 0.5, 255, 65_536, 2 ** 31, 2 ** 53, -(2 ** 53), 1e300, 1e-300];

/** A value as JSON can hold it; seldom a very large or deep one. */
export function randomValue(random: Random, depth = 3): unknown {
  if (random.once(400)) return extreme(random);
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return null;
    case 1:
      return random.once(2);
    case 2:
      return random.pick(NUMBERS);
    case 3:
      return random.below(1000);
    case 4:
      return random.pick(TEXTS);
    case 5:
      return random.pick(TEXTS).repeat(random.size(500));
    case 6:
      return Array.from({ length: random.below(4) }, () => randomValue(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, () => [random.pick(TEXTS), randomValue(random, depth - 1)]),
      );
  }
}

/** What has brought programs down: millions of elements, thousands of levels, long texts, many keys. */
function extreme(random: Random): unknown {
  const size = random.size(20_000);
  switch (random.below(5)) {
    case 0:
      return Array.from({ length: size }, () => 0);
    case 1:
      return Array.from({ length: size }, () => ({}));
    case 2: {
      let value: unknown = [];
      for (let level = Math.min(size, 3000); level > 0; level -= 1)
        value = level % 2 === 0 ? [value] : { a: value };
      return value;
    }
    case 3:
      return random.pick(TEXTS).repeat(size * 10);
    default:
      return Object.fromEntries(Array.from({ length: size }, (_, index) => [`k${index}`, 0]));
  }
}

/** A changed copy of a value: one place in it is another one, gone, or there more than once. */
export function mutateValue(value: unknown, random: Random): unknown {
  if (random.once(8) || typeof value !== 'object' || value === null) return randomValue(random);
  if (Array.isArray(value)) {
    const items: unknown[] = [...value];
    const at = random.below(items.length);
    const what = items.length === 0 ? 0 : random.below(6);
    if (what === 0) items.push(randomValue(random));
    else if (what === 1) items.splice(at, 1);
    else if (what === 2) items.push(...Array.from({ length: random.size(300) }, () => items[at]));
    else items[at] = mutateValue(items[at], random);
    return items;
  }
  const entries = Object.entries(value);
  const at = random.below(entries.length);
  const entry = entries[at];
  const what = random.below(6);
  if (entry === undefined || what === 0) entries.push([random.pick(TEXTS), randomValue(random)]);
  else if (what === 1) entries.splice(at, 1);
  else entry[1] = mutateValue(entry[1], random);
  return Object.fromEntries(entries);
}

/** As bytes; undefined for a value that is too large to be of interest. */
export function toJson(value: unknown): Buffer | undefined {
  try {
    const text = JSON.stringify(value) ?? 'null';
    return text.length > MAX_TEXT ? undefined : Buffer.from(text);
  } catch {
    return undefined;
  }
}

type JsonSchema = Readonly<Record<string, unknown>>;

/** A value that a JSON Schema takes, or nearly so: where fuzzing begins. */
export function sample(schema: unknown, depth = 6): unknown {
  if (typeof schema !== 'object' || schema === null || depth === 0) return 'a';
  const { type, properties, items, enum: values, const: constant, anyOf, oneOf } = schema as JsonSchema;
  if (constant !== undefined) return constant;
  const [choice] = (values ?? anyOf ?? oneOf ?? []) as readonly unknown[];
  if (values !== undefined) return choice;
  if (choice !== undefined) return sample(choice, depth - 1);
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries((properties ?? {}) as JsonSchema).map(([key, value]) => [
          key,
          key === 'plugin' ? 'p' : sample(value, depth - 1),
        ]),
      );
    case 'array':
      return [sample(items, depth - 1)];
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return 'a';
  }
}
