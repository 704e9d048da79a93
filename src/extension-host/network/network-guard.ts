import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net, { type LookupFunction, Socket } from 'node:net';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { addressNotPermitted, hostNotPermitted } from '../../protocol/network-gate.js';
import {
  allowedAddresses,
  allowsHost,
  hostOf,
  type NetworkHost,
  type NetworkScope,
} from '../../protocol/permissions/network-scope.js';
import { GateClient, type GateQuestion } from './gate-client.js';
import { type Callback, GATED, isLocal, normalize, replace, type SocketInternals } from './net-internals.js';

export interface NetworkGuardOptions {
  /** The door of this sandbox; undefined where the process connects by itself. */
  readonly door: string | undefined;
  /** The scopes of `network` that the plugins of this process have now; undefined for the whole network. */
  readonly scopes: () => readonly NetworkScope[] | undefined;
}

/**
 * Holds the connections of this process to the hosts of its permissions. In a sandbox without a network this only leads them to
 * the gate, which decides; elsewhere it gives well-behaved code a clear error, and hostile code goes around it.
 *
 * `http`, `https`, `tls`, `fetch` and `WebSocket` all connect by `net.Socket`. Call it once, before the plugin is loaded.
 */
export async function guardNetwork({ door, scopes }: NetworkGuardOptions): Promise<void> {
  const connect = Socket.prototype.connect as (this: unknown, ...args: unknown[]) => Socket;
  const direct = (socket: Socket, options: object, callback?: Callback) =>
    connect.call(socket, options, ...(typeof callback === 'function' ? [callback] : []));
  const gate =
    door === undefined
      ? undefined
      : new GateClient(
          door,
          () => new Socket(),
          (socket, path) => void direct(socket, { path }),
        );
  const lookUp = dns.lookup as unknown as LookupFunction;

  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    const [options, callback] = normalize(args);
    const allowed = scopes();
    if (allowed === undefined || isLocal(options)) return connect.apply(this, args);
    const name = String(options.host ?? 'localhost');
    const port = Number(options.port);
    // Node says what is wrong with it.
    if (!Number.isInteger(port) || port < 1 || port > 65535) return connect.apply(this, args);
    const host = hostOf(name);
    if (host === undefined || (gate === undefined && !allowsHost(allowed, host, port))) {
      return fail(this, callback, new NotPermitted(hostNotPermitted(name, port)));
    }
    if (gate !== undefined) {
      const hasHandle = (this as unknown as SocketInternals)._handle && !this.destroyed;
      if (hasHandle && options.path !== GATED)
        return fail(this, callback, new Error('expected a new socket'));
      return connectByGate(this, gate, host, port, callback);
    }
    const lookup = checkedLookup(options.lookup ?? lookUp, () => scopes() ?? [], host, port);
    return direct(this, { ...options, lookup }, callback);
  } as typeof Socket.prototype.connect;

  const connectByGate = (
    socket: Socket,
    client: GateClient,
    { host }: NetworkHost,
    port: number,
    callback: Callback,
  ): Socket => {
    const opening = open(socket, callback);
    const question = client.ask(host, port, (answer) => {
      if (socket.destroyed) return;
      if (answer instanceof Error) {
        socket.destroy(answer);
        return;
      }
      const { way, address, port: remotePort } = answer;
      const remoteFamily = net.isIPv6(address) ? 'IPv6' : 'IPv4';
      for (const [key, value] of Object.entries({ remoteAddress: address, remotePort, remoteFamily }))
        Object.defineProperty(socket, key, { value, configurable: true });
      keepingState(socket, () => direct(socket, { path: client.pathOf(way) }));
    });
    withdrawWith(opening, question);
    return socket;
  };

  if (gate !== undefined) (await import('./guard-tls.js')).guardTls();
  guardNames(scopes);
  guardDatagrams(scopes);
  syncBuiltinESMExports();
}

class NotPermitted extends BulkheadError {
  constructor({ code, message }: ReturnType<typeof hostNotPermitted>) {
    super(code, message);
  }
}

/** The socket is being connected from now on, as Node's own `connect` begins. */
function open(socket: Socket, callback: Callback): Socket {
  const internals = socket as unknown as SocketInternals;
  if (socket.destroyed) {
    internals._handle = null;
    internals._undestroy();
  }
  if (typeof callback === 'function') socket.once('connect', callback);
  internals.connecting = true;
  return socket;
}

/** Node resets a socket that gets its handle; it may have been written to, and ended, since. */
function keepingState(socket: Socket, connect: () => void): void {
  const internals = socket as unknown as Partial<SocketInternals>;
  internals._undestroy = () => {};
  connect();
  delete internals._undestroy;
}

function fail(socket: Socket, callback: Callback, error: Error): Socket {
  open(socket, callback);
  process.nextTick(() => socket.destroy(error));
  return socket;
}

function withdrawWith(socket: Socket, question: GateQuestion): void {
  const withdraw = () => question.dispose();
  socket.once('close', withdraw);
  socket.once('connect', () => socket.off('close', withdraw));
}

/** Finds only those addresses that may be connected to. */
function checkedLookup(
  lookup: LookupFunction,
  scopes: () => readonly NetworkScope[],
  host: NetworkHost,
  port: number,
): LookupFunction {
  return (name, options, callback) =>
    lookup(name, options, (error, found, family) => {
      if (error !== null && error !== undefined) return callback(error, found, family);
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
      const allowed = allowedAddresses(scopes(), host, port, addresses);
      if (allowed.length === 0) {
        const refusal = new NotPermitted(addressNotPermitted(host.host, port, addresses[0] ?? ''));
        return callback(refusal as NodeJS.ErrnoException, found, family);
      }
      if (typeof found === 'string') return callback(null, found, family);
      return callback(
        null,
        found.filter(({ address }) => allowed.includes(address)),
      );
    });
}

/** What a plugin needs the whole network for. */
function needsNetwork(what: string): BulkheadError {
  return new BulkheadError(ErrorCodes.permissionDenied, `${what} needs the permission "network"`);
}

function guardNames(scopes: NetworkGuardOptions['scopes']): void {
  const refusal = (name: string) =>
    needsNetwork(`looking up ${name} by itself (names are looked up when the plugin connects to them)`);
  for (const key of Object.keys(dns) as (keyof typeof dns)[]) {
    if (!/^(lookup|resolve|reverse)/.test(key)) continue;
    const original = dns[key] as (...args: unknown[]) => unknown;
    replace(dns, key, (...args: unknown[]) => {
      const callback = args.at(-1);
      if (scopes() === undefined || typeof callback !== 'function') return original(...args);
      process.nextTick(callback as () => void, refusal(String(args[0])));
      return {};
    });
    if (!(key in dns.promises)) continue;
    const later = (dns.promises as Record<string, unknown>)[key] as (...args: unknown[]) => unknown;
    replace(dns.promises, key, async (...args: unknown[]) => {
      if (scopes() !== undefined) throw refusal(String(args[0]));
      return later(...args);
    });
  }
}

function guardDatagrams(scopes: NetworkGuardOptions['scopes']): void {
  const create = dgram.createSocket as (...args: unknown[]) => dgram.Socket;
  replace(dgram, 'createSocket', (...args: unknown[]) => {
    if (scopes() !== undefined) throw needsNetwork('a socket for datagrams');
    return create(...args);
  });
}
