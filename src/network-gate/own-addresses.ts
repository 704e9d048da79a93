import { BlockList, isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import {
  allowsHost,
  hostOf,
  isLocalName,
  type NetworkHost,
  type NetworkScope,
} from '../protocol/permissions/network-scope.js';

/** As `networkInterfaces` of `node:os` gives them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** A tunnel may state a network that is most of the internet; one network of a site is not larger. */
const LEAST_PREFIX = 64;

/**
 * Leaves out, for a name, this computer's own addresses, unless a scope names the address. No list of ranges knows them: with
 * IPv6, and on a rented server, they are public. A public name does not reach its neighbours in an IPv6 network either.
 */
export function withoutOwnAddresses(
  addresses: readonly string[],
  { kind, host }: NetworkHost,
  port: number,
  scopes: readonly NetworkScope[],
  interfaces: () => Interfaces,
): readonly string[] {
  if (kind === 'address') return addresses;
  const own = ownAddresses(interfaces(), !isLocalName(host));
  return addresses.filter((given) => {
    const found = hostOf(given);
    if (found === undefined) return false;
    return !own.check(found.host, familyOf(found.host)) || allowsHost(scopes, found, port);
  });
}

function ownAddresses(interfaces: Interfaces, withNeighbours: boolean): BlockList {
  const own = new BlockList();
  for (const { address, cidr } of Object.values(interfaces).flatMap((addresses) => addresses ?? [])) {
    own.addAddress(address, familyOf(address));
    if (!withNeighbours || cidr === null || !isIPv6(address)) continue;
    own.addSubnet(address, Math.max(LEAST_PREFIX, Number(cidr.split('/')[1])), 'ipv6');
  }
  return own;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
