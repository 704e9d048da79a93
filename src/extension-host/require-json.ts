import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** Deeper values do not fit into a message either, which its sender is told. */
const MAX_DEPTH = 64;

/** What to pass in place of what JSON would make something else of. */
const INSTEAD: Readonly<Record<string, string>> = {
  Date: 'its toISOString() or getTime()',
  Map: 'Object.fromEntries() of it',
  Set: 'a list of it',
  URL: 'its href',
  RegExp: 'its source',
  Promise: 'what it resolves to',
  Error: 'its message',
  Buffer: 'text, for example in base64',
  Uint8Array: 'text, for example in base64',
};

/**
 * What is passed between processes is JSON. Undefined is left out of objects, and is null in lists; any other value that
 * would arrive as another one is refused.
 *
 * @param name of the value in the error
 * @throws `rpc.unencodable` that names the place, as in `args[0].when is a Date`.
 */
export function requireJson(value: unknown, name: string): void {
  const misfit = misfitIn(value, new Set());
  if (misfit === undefined) return;
  const { place, kind } = misfit;
  const what = Object.hasOwn(INSTEAD, kind) ? `; pass ${INSTEAD[kind]}` : '';
  throw new BulkheadError(ErrorCodes.rpcUnencodable, `${name}${place} is ${withArticle(kind)}${what}`, {
    remedy:
      'Only text, finite numbers, booleans, null, and lists and plain objects of them can be passed on.',
  });
}

interface Misfit {
  /** How it is reached from the value, as in `[0].when`. */
  readonly place: string;
  readonly kind: string;
}

function misfitIn(value: unknown, seen: Set<object>, depth = 0): Misfit | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : { place: '', kind: String(value) };
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint')
    return { place: '', kind: typeof value };
  if (typeof value !== 'object' || value === null || seen.has(value) || depth > MAX_DEPTH) return undefined;
  seen.add(value);
  if (!Array.isArray(value) && !isPlain(value)) return { place: '', kind: classOf(value) };
  for (const key of Object.keys(value)) {
    const misfit = misfitIn((value as Record<string, unknown>)[key], seen, depth + 1);
    if (misfit !== undefined) return { ...misfit, place: `${accessTo(key, value)}${misfit.place}` };
  }
  return undefined;
}

/** Also if it was made in another realm. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function classOf(value: object): string {
  const made: unknown = value.constructor;
  return typeof made === 'function' && made.name !== '' ? made.name : 'class instance';
}

function accessTo(key: string, owner: object): string {
  if (Array.isArray(owner)) return `[${key}]`;
  return /^[\p{L}_$][\p{L}\d_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function withArticle(kind: string): string {
  if (kind === 'NaN' || kind.endsWith('Infinity')) return kind;
  return `${/^[AEIOU]/i.test(kind) && kind !== 'URL' ? 'an' : 'a'} ${kind}`;
}
