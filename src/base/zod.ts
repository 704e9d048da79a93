import type { ZodType } from 'zod';
import * as zod from 'zod';

/**
 * zod, whose schemas are made at their first use. A process loads hundreds and has checked few of what they are for by the first frame, and
 * making one takes as long as some dozens of checks. Until then a schema is a `Recipe`, which has noted how it is made.
 */
export * from 'zod';

export const array = later(zod.array);
export const base64 = later(zod.base64);
export const boolean = later(zod.boolean);
export const custom = later(zod.custom);
export const discriminatedUnion = later(zod.discriminatedUnion);
const enumOf = later(zod.enum);
export const int = later(zod.int);
export const ipv4 = later(zod.ipv4);
export const ipv6 = later(zod.ipv6);
export const lazy = later(<T extends zod.core.SomeType>(inner: () => T) => zod.lazy(() => made(inner())));
export const literal = later(zod.literal);
export const looseObject = later(zod.looseObject);
export const iso = { datetime: later(zod.iso.datetime) };
const nullSchema = later(zod.null);
export const number = later(zod.number);
export const object = later(zod.object);
export const preprocess = later(zod.preprocess);
export const record = later(zod.record);
export const strictObject = later(zod.strictObject);
export const string = later(zod.string);
export const union = later(zod.union);
export const unknown = later(zod.unknown);
export { enumOf as enum, nullSchema as null };

/** With what zod's own functions can read. */
export const toJSONSchema = (schema: ZodType, params?: zod.core.ToJSONSchemaParams) =>
  zod.toJSONSchema(made(schema), params);

/** Methods that give another schema. */
const STEPS: ReadonlySet<PropertyKey> = new Set<
  keyof zod.ZodString | keyof zod.ZodNumber | keyof zod.ZodObject | 'unwrap'
>([
  'array',
  'catch',
  'default',
  'describe',
  'extend',
  'max',
  'meta',
  'min',
  'nonnegative',
  'nullable',
  'nullish',
  'optional',
  'pick',
  'pipe',
  'positive',
  'prefault',
  'readonly',
  'refine',
  'regex',
  'strict',
  'superRefine',
  'transform',
  'trim',
  'unwrap',
]);

type Step = (...args: unknown[]) => ZodType;

/** What a recipe stands for, by the recipe. */
const makers = new WeakMap<object, () => ZodType>();

/** As the handler of its proxy it passes on whatever is read of the schema. */
class Recipe implements ProxyHandler<object> {
  private schema: ZodType | undefined;

  private constructor(private readonly make: () => ZodType) {}

  static of(make: () => ZodType): ZodType {
    const recipe = new Recipe(make);
    const proxy = new Proxy(recipe, recipe) as unknown as ZodType;
    makers.set(proxy, () => recipe.made);
    return proxy;
  }

  private get made(): ZodType {
    this.schema ??= this.make();
    return this.schema;
  }

  get(_target: object, key: PropertyKey): unknown {
    if (this.schema === undefined && STEPS.has(key)) {
      return (...args: unknown[]) =>
        Recipe.of(() => (Reflect.get(this.made, key) as Step)(...args.map((arg) => made(arg))));
    }
    return Reflect.get(this.made, key);
  }

  has(_target: object, key: PropertyKey): boolean {
    return Reflect.has(this.made, key);
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.made);
  }
}

function later<F>(make: F): F {
  const step = make as Step;
  return ((...args: unknown[]) => Recipe.of(() => step(...args.map((arg) => made(arg))))) as F;
}

/** The same with schemas in the place of recipes, in lists and shapes too. */
function made<T>(value: T): T;
function made(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const make = makers.get(value);
  if (make !== undefined) return make();
  if (Array.isArray(value)) return value.map((entry) => made(entry));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, made(entry)]));
}
