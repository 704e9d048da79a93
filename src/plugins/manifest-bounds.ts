import * as z from 'zod';
import { type ConfigPath, formatPath } from '../config/config-path.js';

/**
 * How large a plugin's `package.json` may be in all, npm's own keys included: what checks it does so in the core while it
 * streams, and the largest one within these bounds takes a few ms. What one field may hold is said in its schema.
 */
export const MANIFEST_LIMITS = {
  /** Of the file, bytes. */
  bytes: 64 * 1024,
  /** How deep objects and lists may be nested. */
  depth: 16,
  /** Objects, lists, texts, numbers and so on, in all. */
  values: 2000,
  /** Of a key, characters. */
  keyLength: 256,
} as const;

/** What in a parsed `package.json` is over its bounds, as `FIELD: what is expected`; undefined when all of it is within. */
export function overBounds(packageJson: unknown): string | undefined {
  const { depth, values, keyLength } = MANIFEST_LIMITS;
  let count = 0;
  const visit = (value: unknown, path: ConfigPath): string | undefined => {
    count += 1;
    if (count > values) {
      const field = path[0] === undefined ? 'package.json' : String(path[0]);
      return `${field}: expected at most ${values} values in the whole file`;
    }
    if (typeof value !== 'object' || value === null) return undefined;
    if (path.length >= depth) return `${formatPath(path)}: expected at most ${depth} levels of nesting`;
    const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
      ? [...value.entries()]
      : Object.entries(value);
    for (const [key, child] of entries) {
      if (typeof key === 'string' && key.length > keyLength) {
        const start = `${key.slice(0, 40)}…`;
        return `${formatPath([...path, start])}: expected a key of at most ${keyLength} characters, got ${key.length}`;
      }
      const problem = visit(child, [...path, key]);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
  return visit(packageJson, []);
}

/** Text of at most `max` characters. What is longer is not looked at any further: the checks after this one may be slow. */
export function text(max: number): z.ZodString {
  return z.string().max(max, {
    abort: true,
    // zod looks at the length of an object, too.
    error: ({ input }) =>
      typeof input === 'string' ? `expected at most ${max} characters, got ${input.length}` : 'expected text',
  });
}
