import assert from 'node:assert/strict';
import { checkValue } from '../../../src/base/check-value.js';
import { describeIssue } from '../../../src/config/describe-issue.js';
import { OutputSchema } from '../../../src/config/output-schema.js';
import { outputOfAddress, parseRelayUrl } from '../../../src/config/relay-url.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';

/** What is wrong with an output, as a streamer reads it. */
function mistakes(output: object): string[] {
  const result = checkValue(OutputSchema, { id: 'out', ...output }, { reportInput: true });
  return result.success ? [] : result.error.issues.flatMap((issue) => describeIssue(issue, () => []));
}

describe('outputs that relays send, in the configuration', () => {
  for (const output of [
    { type: 'srt', url: 'srt://live.example.org:9000' },
    { type: 'srt', url: 'srt://[2001:db8::1]:9000/', key: 'env:ID', passphrase: 'env:P', latencyMs: 500 },
    { type: 'srt', url: 'srt://:9000', mode: 'listener', passphrase: '0123456789' },
    { type: 'rist', url: 'rist://192.0.2.1:5000', profile: 'simple' },
    { type: 'udp', url: 'UDP://239.1.2.3:1234', ttl: 4 },
    { type: 'hls', folder: '/var/www/live', segmentSeconds: 2.5, playlistSegments: 10 },
    { type: 'hls', url: 'https://h/x/{key}/stream.m3u8', key: 'file:key', username: 'u', password: 'env:P' },
    { type: 'whip', url: 'https://live.example.org/whip/room', key: 'env:KEY', video: { bFrames: 0 } },
    { type: 'whip', url: 'http://[::1]:8889/{key}/whip', key: 'file:key', tlsCaFile: 'ca.pem' },
  ]) {
    it(`may be ${JSON.stringify(output)}`, () => assert.deepEqual(mistakes(output), []));
  }

  for (const [output, expected] of [
    [{ url: 'srt://h:9000' }, /^url: this address begins with srt:\/\/: add "type": "srt" to the output$/],
    [{ url: 'https://h/x.m3u8' }, /add "type": "hls" or "whip" to the output/],
    [{ url: 'whip://h/x' }, /outputs of addresses with whip:\/\/ are not supported/],
    [{ type: 'whap', url: 'https://h' }, /expected one of .*"srt".*"hls", "whip", got "whap"/],
    [{ type: 'whip', url: 'rtmp://h/x' }, /another kind of address/],
    [{ type: 'whip', url: 'https://h ost/x' }, /no valid address/],
    [{ type: 'whip', url: 'https://u:s3cret@h/x' }, /without a login: write the token as "key"/],
    [{ type: 'srt', url: 'srt://h' }, /expected srt:\/\/HOST:PORT, such as/],
    [{ type: 'srt', url: 'srt://h:0' }, /expected a port from 1 to 65535, got 0/],
    [{ type: 'srt', url: 'srt://h:70000' }, /got 70000/],
    [{ type: 'srt', url: 'udp://h:1' }, /got another kind of address/],
    [{ type: 'udp', url: 'udp://:1' }, /got one without a host/],
    [
      { type: 'srt', url: 'srt://h:1?passphrase=0123456789' },
      /without options: write them as .*"passphrase"/,
    ],
    [{ type: 'srt', url: 'srt://h:1', passphrase: 'too short' }, /of 10 to 79 bytes, got one of 9$/],
    [{ type: 'srt', url: 'srt://h:1', passphrase: 'x'.repeat(80) }, /got one of 80$/],
    [{ type: 'rist', url: 'rist://h:1', profile: 'simple', passphrase: '0123456789' }, /has no encryption/],
    [{ type: 'hls' }, /folder: missing; expected "folder" or "url"/],
    [{ type: 'hls', folder: 'a', url: 'http://h/a.m3u8' }, /not both/],
    [{ type: 'hls', url: 'http://h/a' }, /without the name of a playlist/],
    [
      { type: 'hls', url: 'http://u:s3cret@h/a.m3u8' },
      /without a login: write it as "username" and "password"/,
    ],
    [{ type: 'hls', url: 'ftp://h/a.m3u8' }, /another kind of address/],
  ] as const) {
    it(`may not be ${JSON.stringify(output).slice(0, 80)}`, () => {
      const found = mistakes(output).join('\n');
      assert.match(found, expected);
      assert.doesNotMatch(found, /s3cret|0123456789/);
    });
  }

  it('have folders of their own', () => {
    const folder = '/web';
    const outputs = [
      { id: 'a', type: 'hls', folder },
      { id: 'b', type: 'hls', folder },
    ];
    const result = checkValue(BroadcastConfigSchema, { outputs }, { reportInput: true });
    assert.ok(!result.success);
    assert.deepEqual(
      result.error.issues.flatMap((issue) => describeIssue(issue, () => [])),
      ['outputs[1].folder: expected a folder that no other output has, got "/web"'],
    );
  });

  it('have a host and a port', () => {
    assert.deepEqual(parseRelayUrl('srt://[::1]:9000/'), { host: '::1', port: 9000 });
    assert.deepEqual(parseRelayUrl(' srt://:9000 '), { host: '0.0.0.0', port: 9000 });
  });

  it('are recognized by an address on the command line', () => {
    assert.deepEqual(outputOfAddress('srt://h:1'), { type: 'srt', url: 'srt://h:1' });
    assert.deepEqual(outputOfAddress('https://h/a.m3u8'), { type: 'hls', url: 'https://h/a.m3u8' });
    assert.deepEqual(outputOfAddress('whip+https://h/a'), { type: 'whip', url: 'https://h/a' });
    assert.deepEqual(outputOfAddress('hls:/web'), { type: 'hls', folder: '/web' });
    assert.deepEqual(outputOfAddress('rtmps://h/a/k'), { url: 'rtmps://h/a/k' });
  });
});
