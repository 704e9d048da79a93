import * as z from '../base/zod.js';
import { type ConfigPath, formatPath } from './config-path.js';
import { suggestion } from './nearest.js';

export type ConfigIssue = z.core.$ZodIssue;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text in double quotes',
  boolean: 'true or false',
  object: 'an object { … }',
  array: 'a list [ … ]',
};

/** Maximum number of unknown keys named per object. */
const MAX_KEYS = 20;

/** Keys whose values may be secret and are never repeated. */
const SECRET_KEYS = new Set(['key', 'password', 'passphrase', 'username', 'url', 'backupKey', 'backupUrl']);

/**
 * Describes what is wrong and what is expected, one line per error in the issue.
 *
 * @param keysAt The keys that the schema has for the object at a path.
 */
export function describeIssue(issue: ConfigIssue, keysAt: (path: ConfigPath) => readonly string[]): string[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const at = path.length === 0 ? '' : `${formatPath(path)}: `;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path);
    const lines = issue.keys
      .slice(0, MAX_KEYS)
      .map((key) => `${at}unknown key "${key}"; ${suggestion(key, known)}`);
    const more = issue.keys.length - lines.length;
    return more === 0 ? lines : [...lines, `${at}${more} more unknown keys`];
  }
  return [`${at}${describeExpectation(issue)}`];
}

/** What is expected, and the actual value unless it may be a secret. */
export function describeExpectation(issue: ConfigIssue): string {
  const { path } = issue;
  const got = describeValue(issue.input, path);
  switch (issue.code) {
    case 'invalid_type': {
      const type = `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
      // The most common mistake: naming the input as on the command line.
      const hint = path.length === 1 && path[0] === 'input' ? ', for example { "type": "screen" }' : '';
      return issue.input === undefined ? `missing; ${type}` : `${type}${hint}, got ${got}`;
    }
    case 'too_small':
      return issue.origin === 'string'
        ? 'expected text, got none'
        : `expected ${issue.minimum} or more, got ${got}`;
    case 'too_big':
      return `expected ${issue.maximum} or less, got ${got}`;
    case 'invalid_value':
      return choice(issue.values.map(String), issue.input, got);
    case 'invalid_key':
      return `${issue.issues[0]?.message ?? issue.message}, got ${JSON.stringify(path.at(-1))}`;
    case 'invalid_union': {
      const { options, discriminator } = issue as { options?: readonly unknown[]; discriminator?: string };
      if (discriminator === undefined) return `${issue.message}, got ${got}`;
      const input = (issue.input as Record<string, unknown>)[discriminator];
      // Undefined for an optional value.
      const named = (options ?? []).filter((option) => option !== undefined).map(String);
      return choice(named, input, describeValue(input, path));
    }
    default:
      return `${issue.message}${got === '' ? '' : `, got ${got}`}`;
  }
}

function choice(allowed: readonly string[], input: unknown, got: string): string {
  const list = `expected one of ${allowed.map((value) => `"${value}"`).join(', ')}`;
  if (input === undefined) return `missing; ${list}`;
  const meant = typeof input === 'string' ? suggestion(input, allowed) : '';
  return meant.startsWith('did you mean') ? `${list}, got ${got}; ${meant}` : `${list}, got ${got}`;
}

function describeValue(value: unknown, path: readonly PropertyKey[]): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (SECRET_KEYS.has(String(path.at(-1)))) return '';
  const text = JSON.stringify(value) ?? '';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
