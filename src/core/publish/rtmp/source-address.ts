import { isIP } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** There is no such interface, or it has no address now. */
export class NoSourceAddressError extends Error {
  override readonly name = 'NoSourceAddressError';

  constructor(readonly source: string) {
    super(`no address to send from: ${source}`);
  }
}

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * The address that connections are made from. It may change while a network is set up again, so it is looked for each time.
 *
 * @param source an IP address of this computer, or the name of a network interface
 * @throws NoSourceAddressError for an interface
 */
export function sourceAddress(source: string, interfaces: Interfaces = networkInterfaces()): string {
  if (isIP(source) !== 0) return source;
  // IPv6's link-local addresses reach no server.
  const own = Object.hasOwn(interfaces, source) ? interfaces[source] : undefined;
  const usable = (own ?? []).filter(({ family, scopeid }) => family === 'IPv4' || scopeid === 0);
  const found = usable.find(({ family }) => family === 'IPv4') ?? usable[0];
  if (found === undefined) throw new NoSourceAddressError(source);
  return found.address;
}
