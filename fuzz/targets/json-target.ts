import { mutateValue, toJson } from '../json.js';
import type { Random } from '../random.js';
import type { Target } from '../target.js';

/** Changes JSON as values, and its bytes now and then. */
export function mutateJson(input: Buffer, random: Random): Buffer | undefined {
  if (random.once(4)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(input.toString());
  } catch {
    return undefined;
  }
  for (let count = 1 + random.size(3); count > 0; count -= 1) value = mutateValue(value, random);
  return toJson(value);
}

export const jsonSeeds = (values: readonly unknown[]): Buffer[] =>
  values.flatMap((value) => toJson(value) ?? []);

/** Brackets within each other: what a parser that calls itself ends on. */
export const DEEP: readonly Buffer[] = [60, 300, 6000, 60_000].flatMap((depth) => [
  Buffer.from('['.repeat(depth) + ']'.repeat(depth)),
  Buffer.from('{"a":'.repeat(depth) + 0 + '}'.repeat(depth)),
  Buffer.from(`{"jsonrpc":"2.0","id":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  Buffer.from(`{"method":${'['.repeat(depth)}${']'.repeat(depth)}}`),
]);

/** Lists of very many small values. */
export const WIDE: readonly Buffer[] = [
  '{}',
  '0',
  '[]',
  '{"id":1}',
  '{"jsonrpc":"2.0","method":"a"}',
].flatMap((item) =>
  [100, 20_000, 80_000].flatMap((count) => {
    const text = `[${Array.from({ length: count }, () => item).join(',')}]`;
    return text.length > 256 * 1024
      ? []
      : [Buffer.from(text), Buffer.from(`{"method":"a","params":{"a":${text}}}`)];
  }),
);

export type JsonTarget = Omit<Target, 'mutate'>;

export const jsonTarget = (target: JsonTarget): Target => ({ ...target, mutate: mutateJson });
