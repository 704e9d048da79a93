import net, { type LookupFunction, type Socket } from 'node:net';

/** In place of a local socket's path: a connection that is to be led to the gate. */
export const GATED = '\0bulkhead';

export type Callback = ((...args: unknown[]) => void) | null;

/** Where a connection is to lead, as the options of `net.connect` and `tls.connect` say it. */
export interface Target {
  readonly host?: string;
  readonly port?: number | string;
  readonly path?: string;
  readonly socket?: unknown;
  readonly lookup?: LookupFunction;
}

/** Parts of `node:net` missing from its types. */
interface NetInternals {
  _normalizeArgs(args: readonly unknown[]): [Target, Callback];
}

export interface SocketInternals extends Omit<Socket, 'connecting'> {
  connecting: boolean;
  _handle: unknown;
  _undestroy(): void;
}

/** The options and the callback, from any of the forms of arguments. */
export function normalize(args: readonly unknown[]): [Target, Callback] {
  // What `net.connect` has normalised already.
  if (Array.isArray(args[0])) return args[0] as unknown as [Target, Callback];
  return (net as unknown as NetInternals)._normalizeArgs(args);
}

/** Whether it leads to a local socket. */
export function isLocal({ path }: Target): boolean {
  return path !== undefined && path !== null && path !== GATED;
}

/** Replaces a function of a module of Node. */
export function replace(module: object, name: string, value: unknown): void {
  Object.defineProperty(module, name, { value, configurable: true, enumerable: true, writable: true });
}
