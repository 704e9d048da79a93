/** Whether an IP address is one that only this machine reaches, also an IPv4 one as IPv6 sockets give it. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || plain.startsWith('127.');
}
