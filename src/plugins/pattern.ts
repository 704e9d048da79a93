import { type Context, createContext, Script } from 'node:vm';
import { RateLimiter } from '../base/rate-limiter.js';

/** Most time for one pattern and all texts of a setting, ms: a plugin's pattern may be one that never ends, and the core is on air. */
const DEADLINE_MS = 50;
/** Time of one pattern, ms. What is given back keeps those going that are used at every change for weeks. */
const OF_ONE = { burst: 100, perSecond: 10 };
/** Time of all patterns together, ms: a plugin could have hundreds of them. */
const OF_ALL = { burst: 250, perSecond: 10 };

/** Whether some part of each text matches. @throws Error if that takes too long to tell */
export type TestTexts = (pattern: string, texts: readonly string[]) => readonly boolean[];

/** Matches texts against plugins' patterns, within bounds of time. */
export class PatternMatcher {
  /** Patterns that have taken too long: they are not tried again. */
  private readonly slow = new Set<string>();
  private readonly times = new Map<string, RateLimiter>();
  private readonly allTimes = new RateLimiter(OF_ALL);

  constructor(private readonly testTexts: TestTexts = testInContext) {}

  /** The texts of which no part matches the pattern; none if it takes too long to tell, or others have. */
  misses(pattern: string, texts: ReadonlySet<string>): ReadonlySet<string> {
    if (this.slow.has(pattern) || this.allTimes.spend(0) > 0) return new Set();
    const list = [...texts];
    const startedAtMs = performance.now();
    try {
      const results = this.testTexts(pattern, list);
      return new Set(list.filter((_, index) => results[index] === false));
    } catch {
      this.slow.add(pattern);
      return new Set();
    } finally {
      this.charge(pattern, performance.now() - startedAtMs);
    }
  }

  private charge(pattern: string, ms: number): void {
    this.allTimes.spend(ms);
    const times = this.times.get(pattern) ?? new RateLimiter(OF_ONE);
    this.times.set(pattern, times);
    if (times.spend(ms) > 0) this.slow.add(pattern);
  }
}

/** Whether it is a regular expression. */
export function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** All texts at once: a deadline takes a thread of its own each time. */
const test = new Script(
  '{ const regExp = new RegExp(pattern, "u"); texts.map((text) => regExp.test(text)); }',
);
let context: Context | undefined;

function testInContext(pattern: string, texts: readonly string[]): readonly boolean[] {
  context ??= createContext({});
  Object.assign(context, { pattern, texts });
  return test.runInContext(context, { timeout: DEADLINE_MS });
}
