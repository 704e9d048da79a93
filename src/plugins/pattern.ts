import { type Context, createContext, Script } from 'node:vm';

/** Most time for one text, ms: a plugin's pattern may be one that never ends, and the core is on air. */
const DEADLINE_MS = 100;

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

/** Whether some part of the text matches the pattern; true also if that takes too long to tell. */
export function matches(pattern: string, text: string): boolean {
  if (slow.has(pattern)) return true;
  context ??= createContext({});
  Object.assign(context, { pattern, text });
  try {
    return test.runInContext(context, { timeout: DEADLINE_MS }) === true;
  } catch {
    slow.add(pattern);
    return true;
  }
}
