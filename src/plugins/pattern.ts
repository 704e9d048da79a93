import { type Context, createContext, Script } from 'node:vm';

/** Most time for one text, ms: a plugin's pattern may be one that never ends, and the core is on air. */
const DEADLINE_MS = 50;
/** Patterns that may take that long; after them none is tried any more, or a plugin with many could hold up the core. */
const MOST_SLOW = 10;

const test = new Script('new RegExp(pattern, "u").test(text)');
let context: Context | undefined;
/** Patterns that have taken too long: they are not tried again. */
const slow = new Set<string>();

/** Whether it is a regular expression. */
export function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** Whether some part of the text matches the pattern; true also if that takes too long to tell, or others have. */
export function matches(pattern: string, text: string): boolean {
  if (slow.has(pattern) || slow.size >= MOST_SLOW) return true;
  context ??= createContext({});
  Object.assign(context, { pattern, text });
  try {
    return test.runInContext(context, { timeout: DEADLINE_MS }) === true;
  } catch {
    slow.add(pattern);
    return true;
  }
}
