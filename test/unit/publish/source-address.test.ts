import assert from 'node:assert/strict';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { NoSourceAddressError, sourceAddress } from '../../../src/core/publish/rtmp/source-address.js';

const common = { netmask: '', mac: '', internal: false, cidr: null };
const v4 = (address: string): NetworkInterfaceInfo => ({ ...common, family: 'IPv4', address });
const v6 = (address: string, scopeid = 0): NetworkInterfaceInfo => ({
  ...common,
  family: 'IPv6',
  address,
  scopeid,
});

const INTERFACES = {
  eth0: [v6('fe80::1', 2), v4('192.0.2.7'), v6('2001:db8::7')],
  wwan0: [v6('fe80::2', 3), v6('2001:db8::8')],
  tun0: [v6('fe80::3', 4)],
};

describe('sourceAddress', () => {
  it('is an address as it is given: whether it is one of this computer shows when it is used', () => {
    for (const address of ['192.0.2.7', '2001:db8::8'])
      assert.equal(sourceAddress(address, INTERFACES), address);
  });

  it('is the IPv4 address of an interface, or else its IPv6 address', () => {
    assert.equal(sourceAddress('eth0', INTERFACES), '192.0.2.7');
    assert.equal(sourceAddress('wwan0', INTERFACES), '2001:db8::8');
  });

  it('is none of an interface without a usable one, or that is not there', () => {
    for (const source of ['tun0', 'eth1', 'toString']) {
      assert.throws(() => sourceAddress(source, INTERFACES), NoSourceAddressError, source);
    }
  });

  it('looks at the interfaces of this computer', () => {
    const [name = ''] =
      Object.entries(networkInterfaces()).find(([, of = []]) => of.some(({ internal }) => internal)) ?? [];
    assert.equal(sourceAddress(name), '127.0.0.1');
  });
});
