import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { withoutOwnAddresses } from '../../../src/network-gate/own-addresses.js';
import { hostOf, parseNetworkScope } from '../../../src/protocol/permissions/network-scope.js';

const at = (address: string, cidr: string | null) => ({ address, cidr }) as NetworkInterfaceInfo;

const INTERFACES = {
  eth0: [
    at('203.0.113.7', '203.0.113.7/24'),
    at('2a00:1:2:3::7', '2a00:1:2:3::7/64'),
    at('fe80::7', 'fe80::7/64'),
  ],
  tunnel: [at('2a01::7', '2a01::7/3'), at('2a02::7', '2a02::7/128'), at('2a03::7', null)],
  gone: undefined,
};

function left(name: string, address: string, ...scopes: string[]): boolean {
  const host = hostOf(name);
  assert.ok(host);
  const given = scopes.map(parseNetworkScope);
  return withoutOwnAddresses([address], host, 8080, given, () => INTERFACES).length === 1;
}

describe("this computer's own addresses", () => {
  for (const address of [
    ...['203.0.113.7', '::ffff:203.0.113.7', '2a00:1:2:3::7', '2a00:1:2:3:0:0:0:7', '2a00:1:2:3:ffff::1'],
    ...['2a01::7', '2a01::8', '2a02::7', '2a03::7'],
  ]) {
    it(`include ${address} for a public name`, () => {
      assert.ok(!left('a.example.com', address, '*.example.com:*'));
    });
  }

  for (const address of ['203.0.113.8', '2a00:1:2:4::7', '2a02::8', '2a03::8', '2606:4700::1111']) {
    it(`do not include ${address}`, () => {
      assert.ok(left('a.example.com', address, '*.example.com:*'));
    });
  }

  it('can be reached when a scope names them, at the ports of that scope', () => {
    assert.ok(left('a.example.com', '203.0.113.7', '*.example.com:*', '203.0.113.7:8080'));
    assert.ok(left('a.example.com', '2a00:1:2:3::7', '*.example.com:*', '[2a00:1:2:3::7]:*'));
    assert.ok(!left('a.example.com', '203.0.113.7', '*.example.com:*', '203.0.113.7:8081'));
    assert.ok(left('203.0.113.7', '203.0.113.7', '203.0.113.7:8080'));
  });

  it('are not those of the neighbours for a name of the own network', () => {
    assert.ok(left('nas.local', '2a00:1:2:3::8', 'nas.local:*'));
    assert.ok(!left('nas.local', '2a00:1:2:3::7', 'nas.local:*'));
  });
});
