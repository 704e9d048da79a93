import { type ConfigPath, formatPath } from '../config/config-path.js';

/**
 * Maximum size of a plugin's whole `package.json`, including npm's keys: it is checked in the core while streaming, and the
 * largest one within these limits takes a few ms. Limits of single fields are in the schema.
 */
export const MANIFEST_LIMITS = {
  /** Size of the file, bytes. */
  bytes: 64 * 1024,
  /** Nesting depth of objects and arrays. */
  depth: 16,
  /** Total number of objects, arrays, strings, numbers and so on. */
  values: 2000,
  /** Length of a key, characters. */
  keyLength: 256,
} as const;

/** What in a parsed `package.json` exceeds the limits, as `FIELD: what is expected`; undefined if nothing does. */
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
