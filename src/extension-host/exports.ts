import type { CancellationToken } from '@bulkhead/extension-api';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { EXPORT_LIMITS, exportName, type PluginExports } from '../protocol/plugin-exports.js';
import { deepFreeze } from './deep-freeze.js';
import { isPlain, requireJson } from './require-json.js';

/** Runs an exported function with these arguments. */
export type ExportedFunction = (args: readonly unknown[]) => unknown;

/** What a plugin exports, as it is sent, and the functions that stay here. */
export interface TakenApart {
  readonly data: PluginExports;
  /** By {@link functionKey}. */
  readonly functions: ReadonlyMap<string, ExportedFunction>;
}

export function functionKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

/**
 * Takes what `activate` has returned apart into plain values and functions.
 *
 * @throws `rpc.unencodable` that names the place of what can be neither, `rpc.tooLarge` beyond `EXPORT_LIMITS`
 */
export function takeApart(exported: unknown): TakenApart {
  const functions = new Map<string, ExportedFunction>();
  const paths: (readonly string[])[] = [];
  const visit = (value: unknown, path: readonly string[], owner: unknown): unknown => {
    if (typeof value === 'function') {
      checkCount(paths.push(path));
      functions.set(functionKey(path), (args) => Reflect.apply(value, owner, args) as unknown);
      return undefined;
    }
    // What is neither is refused as a value.
    if (typeof value !== 'object' || value === null || !(Array.isArray(value) || isPlain(value)))
      return value;
    checkDepth(path);
    const of = ([name, member]: [string, unknown]): [string, unknown] => {
      checkName(name, path);
      return [name, visit(member, [...path, name], value)];
    };
    const entries = Object.entries(value).map(of);
    return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
  };
  const value = visit(exported, [], undefined);
  requireJson(value, 'exports');
  const size = JSON.stringify(value)?.length ?? 0;
  if (size > EXPORT_LIMITS.characters) {
    throw tooMuch(`exports has ${size} characters of JSON, of ${EXPORT_LIMITS.characters}`);
  }
  return { data: { value, functions: paths }, functions };
}

/** What another plugin exports, put together again: frozen, and each function a call. */
export function putTogether(
  { value, functions }: PluginExports,
  call: (path: readonly string[], args: unknown[]) => Promise<unknown>,
): unknown {
  const callOf = (path: readonly string[]) => Object.freeze((...args: unknown[]) => call(path, args));
  // Each plugin of this process has its own.
  const copy = structuredClone(value);
  for (const path of functions) {
    const name = path.at(-1);
    if (name === undefined) return callOf(path);
    const owner = path.slice(0, -1).reduce<unknown>(memberOf, copy);
    if (typeof owner !== 'object' || owner === null) continue;
    Object.defineProperty(owner, name, { value: callOf(path), enumerable: true });
  }
  return deepFreeze(copy);
}

/** The arguments of a call, and the cancellation token that follows them, if any: it is not sent. */
export function splitToken(given: readonly unknown[]): {
  readonly args: readonly unknown[];
  readonly token: CancellationToken | undefined;
} {
  const last = given.at(-1);
  return isToken(last) ? { args: given.slice(0, -1), token: last } : { args: given, token: undefined };
}

function isToken(value: unknown): value is CancellationToken {
  const token = value as Partial<CancellationToken> | null | undefined;
  return (
    typeof token === 'object' &&
    typeof token?.isCancellationRequested === 'boolean' &&
    typeof token.onCancellationRequested === 'function'
  );
}

function memberOf(owner: unknown, name: string): unknown {
  if (typeof owner !== 'object' || owner === null || !Object.hasOwn(owner, name)) return undefined;
  return (owner as Record<string, unknown>)[name];
}

function checkCount(count: number): void {
  const { functions } = EXPORT_LIMITS;
  if (count > functions) throw tooMuch(`exports has more than ${functions} functions`);
}

/** Also ends what contains itself. */
function checkDepth(path: readonly string[]): void {
  const { depth } = EXPORT_LIMITS;
  if (path.length >= depth) throw tooMuch(`exports has more than ${depth} levels, as in ${exportName(path)}`);
}

function checkName(name: string, path: readonly string[]): void {
  const { nameLength } = EXPORT_LIMITS;
  if (name.length <= nameLength) return;
  throw tooMuch(
    `${exportName([...path, `${name.slice(0, 20)}…`])}: expected at most ${nameLength} characters`,
  );
}

function tooMuch(message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.rpcTooLarge, message, {
    remedy: 'Export a function that returns what is asked for.',
  });
}
