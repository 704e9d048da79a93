import tls from 'node:tls';
import { GATED, isLocal, normalize, replace } from './net-internals.js';

/**
 * Marks the connections of `tls.connect` that the gate makes: it chooses the kind of its handle before it connects.
 *
 * A module of its own, since `node:tls` takes 30 ms to load.
 */
export function guardTls(): void {
  const connect = tls.connect as (...args: unknown[]) => tls.TLSSocket;
  replace(tls, 'connect', (...args: unknown[]) => {
    const [given, callback] = normalize(args);
    const more = args.slice(1).find((arg) => typeof arg === 'object' && arg !== null) ?? {};
    const options = { host: 'localhost', ...given, ...more };
    if (options.socket || isLocal(options)) return connect(...args);
    return connect({ ...options, path: GATED }, ...(callback === null ? [] : [callback]));
  });
}
