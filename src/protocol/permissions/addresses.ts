import { BlockList, isIPv4 } from 'node:net';

/** What only this computer reaches, and what is no single host: no scope of a name reaches it. */
const OWN = listOf([...['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3'], ...['::/96', 'ff00::/8']]);

/** Private networks, those of one link, and what is set aside for other purposes (RFC 6890). */
const PRIVATE = listOf([
  ...['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  // Teredo, benchmarks and documentation among them; 6to4, whose addresses hold IPv4 ones.
  ...['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
]);

/** IPv6 addresses of the internet, and those through which a network without IPv4 reaches it: these hold an IPv4 address. */
const GLOBAL = listOf(['2000::/3']);
const TRANSLATED = listOf(['64:ff9b::/96']);

/** @param address as `hostOf` in `network-scope.ts` gives it */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !OWN.check(address) && !PRIVATE.check(address);
  if (TRANSLATED.check(address, 'ipv6')) return isPublicAddress(lastFourBytes(address));
  return GLOBAL.check(address, 'ipv6') && !PRIVATE.check(address, 'ipv6');
}

/** Whether another computer nearby may have it. */
export function isLocalAddress(address: string): boolean {
  if (isIPv4(address)) return PRIVATE.check(address);
  return !isPublicAddress(address) && !OWN.check(address, 'ipv6') && !TRANSLATED.check(address, 'ipv6');
}

function lastFourBytes(address: string): string {
  const [high = '0', low = '0'] = address
    .split(':')
    .slice(-2)
    .map((part) => part || '0');
  return [high, low]
    .flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff])
    .join('.');
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
