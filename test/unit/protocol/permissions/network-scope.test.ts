import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  allowedAddresses,
  allowsHost,
  coversNetworkScope,
  describeNetworkScope,
  formatNetworkScope,
  hostOf,
  knownAddresses,
  type NetworkScope,
  parseNetworkScope,
  scopeFor,
} from '../../../../src/protocol/permissions/network-scope.js';

const scopes = (...texts: string[]) => texts.map(parseNetworkScope);

/** Whether a connection is made at all, when the name resolves to these addresses. */
function reaches(
  given: readonly NetworkScope[],
  text: string,
  port: number,
  resolved: string[] = [],
): boolean {
  const host = hostOf(text);
  if (host === undefined || !allowsHost(given, host, port)) return false;
  return allowedAddresses(given, host, port, knownAddresses(host) ?? resolved).length > 0;
}

const PUBLIC = ['93.184.216.34'];

describe('a scope of the permission network', () => {
  for (const [scope, host, port] of [
    ['api.twitch.tv', 'api.twitch.tv', 443],
    ['api.twitch.tv', 'API.Twitch.TV.', 80],
    ['irc.chat.twitch.tv:6697', 'irc.chat.twitch.tv', 6697],
    ['*.example.com', 'a.example.com', 443],
    ['*.example.com', 'a.b.example.com', 443],
    ['xn--bcher-kva.example', 'bücher.example', 443],
    ['xn--bcher-kva.example', 'BÜCHER.example', 443],
    ['127.0.0.1:*', '127.0.0.1', 4455],
    ['127.0.0.1:*', '::ffff:127.0.0.1', 4455],
    ['127.0.0.1:*', '::ffff:7f00:1', 4455],
    ['127.0.0.1:*', '127.1', 4455],
    ['127.0.0.1:*', '0x7f000001', 4455],
    ['127.0.0.1:*', 'localhost', 4455],
    ['[::1]:4455', 'localhost', 4455],
    ['[::1]:4455', '0:0:0:0:0:0:0:1', 4455],
    ['[::1]:4455', '[::1]', 4455],
    ['localhost:4455', 'localhost', 4455],
    ['localhost:4455', '127.0.0.1', 4455],
    ['localhost:4455', '::1', 4455],
    ['localhost:4455', 'obs.localhost', 4455],
    ['192.168.1.5:8080', '192.168.1.5', 8080],
  ] as const) {
    it(`${scope} reaches ${host} at ${port}`, () => {
      assert.ok(reaches(scopes(scope), host, port, PUBLIC));
    });
  }

  for (const [scope, host, port] of [
    ['api.twitch.tv', 'twitch.tv', 443],
    ['api.twitch.tv', 'a.api.twitch.tv', 443],
    ['api.twitch.tv', 'api.twitch.tv.evil.com', 443],
    ['api.twitch.tv', 'api-twitch.tv', 443],
    ['api.twitch.tv', 'api.twitch.tv', 8443],
    ['api.twitch.tv', 'api.twitch.tv\0.evil.com', 443],
    ['api.twitch.tv', 'api.twitch.tv@evil.com', 443],
    ['*.example.com', 'example.com', 443],
    ['*.example.com', 'badexample.com', 443],
    ['*.example.com', '.example.com', 443],
    ['*.example.com', 'a..example.com', 443],
    ['127.0.0.1:*', '127.0.0.2', 80],
    ['127.0.0.1:*', '0.0.0.0', 80],
    ['127.0.0.1:*', '::', 80],
    ['127.0.0.1:*', '::1', 80],
    ['127.0.0.1:*', 'fe80::1%lo', 80],
    ['localhost:4455', '127.0.0.2', 4455],
    ['93.184.216.34', 'example.com', 443],
    ['example.com', '93.184.216.34', 443],
  ] as const) {
    it(`${scope} does not reach ${JSON.stringify(host)} at ${port}`, () => {
      assert.ok(!reaches(scopes(scope), host, port, PUBLIC));
    });
  }

  for (const address of [
    ...['127.0.0.1', '127.8.8.8', '0.0.0.0', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254'],
    ...['100.64.0.1', '224.0.0.1', '255.255.255.255', '198.18.0.1'],
    ...['::1', '::', '::ffff:127.0.0.1', '::ffff:192.168.1.1', '::7f00:1', 'fe80::1', 'fd00::1', 'ff02::1'],
    ...['64:ff9b::7f00:1', '64:ff9b::c0a8:101', '2002:7f00:1::1', '2001::1', '2001:db8::1', 'fe80::1%eth0'],
  ]) {
    it(`a public name does not reach ${address}`, () => {
      assert.ok(!reaches(scopes('*.example.com:*', 'example.com:*'), 'a.example.com', 80, [address]));
    });
  }

  for (const address of ['93.184.216.34', '2606:4700::1111', '64:ff9b::5db8:d822', '::ffff:93.184.216.34']) {
    it(`a public name reaches ${address}`, () => {
      assert.ok(reaches(scopes('example.com'), 'example.com', 80, [address]));
    });
  }

  it('of a public name reaches an address of this network if another scope names that', () => {
    const given = scopes('nas.example.com', '192.168.1.5:443');
    assert.ok(reaches(given, 'nas.example.com', 443, ['192.168.1.5']));
    assert.ok(!reaches(given, 'nas.example.com', 80, ['192.168.1.5']));
    assert.ok(!reaches(given, 'nas.example.com', 443, ['192.168.1.6']));
  });

  it('of a name that is not public reaches private networks, and not this computer', () => {
    for (const name of ['nas', 'nas.local', 'nas.lan', 'nas.home.arpa', 'nas.internal']) {
      assert.ok(reaches(scopes(name), name, 80, ['192.168.1.5']), name);
      assert.ok(reaches(scopes(name), name, 80, ['fd00::5']), name);
      for (const own of [
        '127.0.0.1',
        '127.0.1.1',
        '::1',
        '0.0.0.0',
        '::ffff:127.0.0.1',
        '224.0.0.1',
        'ff02::1',
      ])
        assert.ok(!reaches(scopes(name), name, 80, [own]), `${name} ${own}`);
    }
  });

  it('leaves out the addresses that are not allowed', () => {
    const host = { kind: 'name', host: 'example.com' } as const;
    assert.deepEqual(
      allowedAddresses(scopes('example.com'), host, 443, ['10.0.0.1', ...PUBLIC, '::1']),
      PUBLIC,
    );
  });

  for (const [text, expected] of [
    ['', /expected a host's name or address/],
    ['*', /expected a host; for every host the permission is "network"/],
    ['*:443', /for every host the permission is "network"/],
    ['*.com', /at least two labels/],
    ['*.', /at least two labels/],
    ['*.127.0.0.1', /at least two labels/],
    ['a*.example.com', /"\*" as the whole first label/],
    ['a.*.example.com', /"\*" as the whole first label/],
    ['*.*.example.com', /at least two labels/],
    ['https://example.com', /expected a host, and perhaps a port/],
    ['example.com/path', /expected a host's name/],
    ['example.com:', /expected a host, and perhaps a port/],
    ['example.com:0', /a port from 1 to 65535/],
    ['example.com:65536', /a port from 1 to 65535/],
    ['example.com:https', /expected a host, and perhaps a port/],
    ['::1', /in brackets, "\[::1\]"/],
    ['[::1', /expected a host, and perhaps a port/],
    ['[localhost]', /expected a host's name or address/],
    ['0.0.0.0', /the address of one host/],
    ['[::]', /the address of one host/],
    ['[fe80::1%eth0]', /expected a host's name or address/],
    ['user@example.com', /expected a host's name/],
    ['exa mple.com', /expected a host's name/],
    ['-a.example.com', /expected a host's name/],
    [`${'a'.repeat(64)}.com`, /expected a host's name/],
  ] as const) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseNetworkScope(text), expected);
    });
  }

  for (const [given, spelling] of [
    ['API.example.com', 'api.example.com'],
    ['example.com.', 'example.com'],
    ['bücher.example:443', 'xn--bcher-kva.example:443'],
    ['[0:0::1]:80', '[::1]:80'],
    ['[::ffff:127.0.0.1]', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['*.Example.com:*', '*.example.com:*'],
    ['example.com:0443', 'example.com:443'],
  ] as const) {
    it(`has one spelling: ${spelling} for ${given}`, () => {
      assert.equal(formatNetworkScope(parseNetworkScope(given)), spelling);
    });
  }

  it('is described in words', () => {
    const inWords = (text: string) => describeNetworkScope(parseNetworkScope(text));
    assert.equal(inWords('api.twitch.tv'), 'connect to api.twitch.tv');
    assert.equal(inWords('*.example.com:*'), 'connect to every host below example.com, any port');
    assert.equal(inWords('127.0.0.1:4455'), 'connect to programs on this computer (127.0.0.1, port 4455)');
    assert.equal(inWords('localhost'), 'connect to programs on this computer (localhost)');
  });

  it('is named for what a plugin wanted to connect to', () => {
    assert.equal(scopeFor('API.example.com', 443), 'api.example.com');
    assert.equal(scopeFor('::1', 6667), '[::1]:6667');
    assert.equal(scopeFor('no host', 6667), 'no host:6667');
  });

  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,4}[a-z0-9])?$/);
  const word = fc.stringMatching(/^[a-z]{2,4}$/);
  const name = fc
    .tuple(fc.array(label, { maxLength: 3 }), word)
    .map(([labels, last]) => [...labels, last].join('.'));
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((text) => !text.includes('%')),
  );
  const host = fc.oneof(name, address, fc.constant('localhost'));
  const port = fc.oneof(fc.constantFrom(80, 443), fc.integer({ min: 1, max: 65535 }));
  const scope = fc
    .tuple(
      fc.oneof(
        host,
        name.map((text) => `*.${text}.test`),
      ),
      fc.constantFrom('', ':*', ':80', ':6667'),
    )
    .map(([text, suffix]) => `${text.includes(':') ? `[${text}]` : text}${suffix}`)
    .filter((text) => {
      try {
        parseNetworkScope(text);
        return true;
      } catch {
        return false;
      }
    });

  it('never reaches a host outside of it, however that is written', () => {
    fc.assert(
      fc.property(scope, fc.oneof(host, fc.string(), scope), port, address, (text, wanted, at, resolved) => {
        const given = scopes(text);
        if (!reaches(given, wanted, at, [resolved])) return;
        const [found] = given;
        const target = hostOf(wanted)?.host ?? '';
        assert.ok(found);
        assert.ok(found.ports === 'any' || found.ports.includes(at));
        const loopback = ['localhost', '127.0.0.1', '::1'];
        const isInside = found.kind === 'below' ? target.endsWith(`.${found.host}`) : target === found.host;
        const isLoopback =
          loopback.includes(found.host) && (loopback.includes(target) || target.endsWith('.localhost'));
        assert.ok(isInside || isLoopback, `${text} reached ${wanted}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('reaches nothing that a scope which covers it does not', () => {
    fc.assert(
      fc.property(scope, scope, host, port, address, (one, other, wanted, at, resolved) => {
        const [wide, narrow] = [parseNetworkScope(one), parseNetworkScope(other)];
        fc.pre(coversNetworkScope(wide, narrow));
        if (reaches([narrow], wanted, at, [resolved])) assert.ok(reaches([wide], wanted, at, [resolved]));
      }),
      { numRuns: 200, maxSkipsPerRun: 10_000 },
    );
  });

  it('is read again from its one spelling', () => {
    fc.assert(
      fc.property(scope, (text) => {
        const parsed = parseNetworkScope(text);
        const spelling = formatNetworkScope(parsed);
        assert.deepEqual(parseNetworkScope(spelling), parsed);
        assert.equal(formatNetworkScope(parseNetworkScope(spelling)), spelling);
      }),
    );
  });
});
