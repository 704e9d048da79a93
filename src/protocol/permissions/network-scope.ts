import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { isLoopbackAddress } from '../../base/loopback.js';
import { isLocalAddress, isPublicAddress } from './addresses.js';

/**
 * The scopes of `network`: hosts that a plugin may connect to.
 *
 * ```text
 * scope = host [ ":" port ]          without a port: 443 and 80
 * host  = name                       api.twitch.tv, localhost
 *       | "*." name                  every host below the name, at any depth, and not the name itself; at least two labels
 *       | IPv4 | "[" IPv6 "]"        an address, not a range
 * port  = 1 … 65535 | "*"            "*": any
 * ```
 *
 * - A scope has one spelling: names in lower case and ASCII (`xn--…` for others), without a dot at the end, addresses in their
 * shortest form, an IPv4 address as such and not mapped to IPv6.
 * - A public name does not reach this computer or its networks, whatever it resolves to, unless another scope names that address.
 * Names that are not public (a single label, or below `local`, `internal`, `home.arpa` or `lan`) reach private networks.
 * - `localhost` is never looked up: it is 127.0.0.1 and ::1, and its scope reaches just these two.
 */
export interface NetworkScope {
  readonly kind: 'name' | 'below' | 'address';
  /** The name or address; for `below` what follows `*.`. */
  readonly host: string;
  readonly ports: readonly number[] | 'any';
}

/** A host as a plugin names it when it connects. */
export interface NetworkHost {
  readonly kind: 'name' | 'address';
  /** In the spelling of scopes. */
  readonly host: string;
}

const DEFAULT_PORTS: readonly number[] = [443, 80];
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
/** A last label of digits is no name: programs take it for an address. */
const NAME = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)*(?!\\d+$|0x[0-9a-f]*$)${LABEL}$`);
const FORM = /^(?<host>\[[^[\]]*\]|[^:[\]]*)(?::(?<port>\*|\d{1,5}))?$/;
const LOCAL_NAME = /(^[^.]+|\.(local|internal|home\.arpa|lan))$/;
const EXAMPLES = 'such as "api.example.com", "*.example.com" or "127.0.0.1:*"';

/** @throws Error with what is expected. The scope may have another spelling: see {@link formatNetworkScope}. */
export function parseNetworkScope(text: string): NetworkScope {
  const { host, port } = FORM.exec(text)?.groups ?? {};
  if (host === undefined) {
    throw new Error(
      isIPv6(text)
        ? `expected an IPv6 address in brackets, "[${text}]"`
        : `expected a host, and perhaps a port or "*" after a colon, ${EXAMPLES}`,
    );
  }
  const ports = portsOf(port);
  if (host === '*') throw new Error('expected a host; for every host the permission is "network"');
  if (host.startsWith('*.')) {
    const name = hostOf(host.slice(2));
    if (name?.kind === 'name' && name.host.includes('.')) return { kind: 'below', host: name.host, ports };
    throw new Error(`expected a name of at least two labels after "*.", ${EXAMPLES}`);
  }
  if (host.includes('*')) throw new Error(`expected "*" as the whole first label, ${EXAMPLES}`);
  const found = hostOf(host);
  if (found === undefined) throw new Error(`expected a host's name or address, ${EXAMPLES}`);
  if (found.host === '0.0.0.0' || found.host === '::') {
    throw new Error('expected the address of one host, such as "127.0.0.1" for this computer');
  }
  return { ...found, ports };
}

/** The one spelling of a scope. */
export function formatNetworkScope({ kind, host, ports }: NetworkScope): string {
  const suffix = ports === DEFAULT_PORTS ? '' : `:${ports === 'any' ? '*' : ports.join()}`;
  if (kind === 'below') return `*.${host}${suffix}`;
  return `${isIPv6(host) ? `[${host}]` : host}${suffix}`;
}

/** The scope that a connection needs, for what a plugin is told. */
export function scopeFor(host: string, port: number): string {
  const found = hostOf(host);
  if (found === undefined) return `${host}:${port}`;
  return formatNetworkScope({ ...found, ports: DEFAULT_PORTS.includes(port) ? DEFAULT_PORTS : [port] });
}

/**
 * A host in the spelling of scopes; undefined if it is none. What programs take for an address (`127.1`, `0x7f000001`,
 * `::ffff:127.0.0.1`) is that address.
 */
export function hostOf(text: string): NetworkHost | undefined {
  const plain = text.replace(/^\[(.*)\]$/, '$1');
  if (plain.includes(':')) return isIPv6(plain) && !plain.includes('%') ? ofIPv6(plain) : undefined;
  if (plain !== text || /[\s%/\\@?#<>^|*]/.test(text)) return undefined;
  const host = domainToASCII(text.replace(/\.$/, '')).toLowerCase();
  if (isIPv4(host)) return { kind: 'address', host };
  return NAME.test(host) ? { kind: 'name', host } : undefined;
}

/** Whether a host may be connected to, before it has been looked up. */
export function allowsHost(
  scopes: readonly NetworkScope[],
  { kind, host }: NetworkHost,
  port: number,
): boolean {
  if (kind === 'address') return allowsAddress(scopes, host, port);
  if (isLocalhost(host)) return LOOPBACK.some((address) => allowsAddress(scopes, address, port));
  return allowsName(scopes, host, port);
}

/** The addresses of an allowed host that may be connected to. */
export function allowedAddresses(
  scopes: readonly NetworkScope[],
  { kind, host }: NetworkHost,
  port: number,
  addresses: readonly string[],
): string[] {
  const byName = kind === 'name' && !isLocalhost(host) && allowsName(scopes, host, port);
  const isLocal = isLocalName(host);
  return addresses.filter((given) => {
    const address = hostOf(given)?.host;
    if (address === undefined) return false;
    if (allowsAddress(scopes, address, port)) return true;
    return byName && (isPublicAddress(address) || (isLocal && isLocalAddress(address)));
  });
}

/** Whether a name is none of the internet's, so that it reaches private networks. */
export function isLocalName(name: string): boolean {
  return LOCAL_NAME.test(name);
}

/** The addresses of a host that needs no looking up; undefined for another. */
export function knownAddresses({ kind, host }: NetworkHost): readonly string[] | undefined {
  if (kind === 'address') return [host];
  return isLocalhost(host) ? LOOPBACK : undefined;
}

/** Whether everything that one scope allows is allowed by the other. */
export function coversNetworkScope(wide: NetworkScope, narrow: NetworkScope): boolean {
  const { ports } = narrow;
  const coversPorts =
    wide.ports === 'any' || (ports !== 'any' && ports.every((port) => allowsPort(wide, port)));
  return coversPorts && coversHost(wide, narrow);
}

/** Continues "may". */
export function describeNetworkScope({ kind, host, ports }: NetworkScope): string {
  const which = ports === 'any' ? ', any port' : ports === DEFAULT_PORTS ? '' : `, port ${ports.join()}`;
  if (kind === 'below') return `connect to every host below ${host}${which}`;
  const isHere = kind === 'address' ? isLoopbackAddress(host) : host === 'localhost';
  return isHere ? `connect to programs on this computer (${host}${which})` : `connect to ${host}${which}`;
}

function ofIPv6(text: string): NetworkHost {
  const host = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host) ?? [];
  if (high === undefined || low === undefined) return { kind: 'address', host };
  const bytes = [high, low].flatMap((part) => {
    const value = Number.parseInt(part, 16);
    return [value >> 8, value & 0xff];
  });
  return { kind: 'address', host: bytes.join('.') };
}

function portsOf(port: string | undefined): NetworkScope['ports'] {
  if (port === undefined) return DEFAULT_PORTS;
  if (port === '*') return 'any';
  const number = Number(port);
  if (number >= 1 && number <= 65535) return [number];
  throw new Error('expected a port from 1 to 65535, or "*" for any');
}

function allowsPort({ ports }: NetworkScope, port: number): boolean {
  return ports === 'any' || ports.includes(port);
}

function allowsName(scopes: readonly NetworkScope[], name: string, port: number): boolean {
  return scopes.some(
    (scope) =>
      allowsPort(scope, port) &&
      (scope.kind === 'name'
        ? scope.host === name
        : scope.kind === 'below' && name.endsWith(`.${scope.host}`)),
  );
}

function allowsAddress(scopes: readonly NetworkScope[], address: string, port: number): boolean {
  return scopes.some(
    (scope) =>
      allowsPort(scope, port) &&
      (scope.kind === 'address'
        ? scope.host === address
        : scope.kind === 'name' && scope.host === 'localhost' && LOOPBACK.includes(address)),
  );
}

function coversHost(wide: NetworkScope, narrow: NetworkScope): boolean {
  if (wide.kind === narrow.kind && wide.host === narrow.host) return true;
  if (wide.kind === 'below') return narrow.kind !== 'address' && narrow.host.endsWith(`.${wide.host}`);
  return wide.kind === 'name' && wide.host === 'localhost' && LOOPBACK.includes(narrow.host);
}

function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}
