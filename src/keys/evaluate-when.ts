import { LinearPattern } from './linear-pattern.js';
import type { Comparison, When } from './when-clause.js';

/** What a context key can be. */
export type ContextValue = string | number | boolean | readonly (string | number)[];

/** What context keys are at one moment; undefined for those that there are not. */
export type Context = (key: string) => ContextValue | undefined;

/** Most characters of a text that a pattern is matched with. */
const MOST_MATCHED = 200;

/** Whether the condition holds. */
export function evaluateWhen(when: When, context: Context): boolean {
  switch (when.type) {
    case 'constant':
      return when.value;
    case 'has':
      return isSomething(context(when.key));
    case 'not':
      return !evaluateWhen(when.of, context);
    case 'and':
      return when.of.every((one) => evaluateWhen(one, context));
    case 'or':
      return when.of.some((one) => evaluateWhen(one, context));
    case 'equals':
      return textOf(context(when.key)) === when.value;
    case 'compare':
      return compares(numberOf(context(when.key)), when.op, when.value);
    case 'in':
      return isIn(context(when.key), context(when.list));
    case 'matches': {
      const text = textOf(context(when.key));
      return text !== undefined && patternOf(when).test(text.slice(0, MOST_MATCHED));
    }
  }
}

const patterns = new WeakMap<object, LinearPattern>();

function patternOf(when: When & { readonly type: 'matches' }): LinearPattern {
  const known = patterns.get(when);
  if (known !== undefined) return known;
  const pattern = new LinearPattern(when.pattern, when.ignoreCase);
  patterns.set(when, pattern);
  return pattern;
}

function isSomething(value: ContextValue | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function textOf(value: ContextValue | undefined): string | undefined {
  return value === undefined || typeof value === 'object' ? undefined : String(value);
}

function numberOf(value: ContextValue | undefined): number {
  if (typeof value === 'string' && value.trim() === '') return Number.NaN;
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

function compares(value: number, op: Comparison, other: number): boolean {
  if (op === '<') return value < other;
  if (op === '<=') return value <= other;
  return op === '>' ? value > other : value >= other;
}

function isIn(value: ContextValue | undefined, list: ContextValue | undefined): boolean {
  const text = textOf(value);
  return text !== undefined && typeof list === 'object' && list.some((one) => String(one) === text);
}
