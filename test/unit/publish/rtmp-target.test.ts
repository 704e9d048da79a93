import assert from 'node:assert/strict';
import {
  type OutputAddress,
  parseOutputAddress,
  redirectedTarget,
} from '../../../src/core/publish/rtmp/rtmp-target.js';
import { BulkheadError } from '../../../src/protocol/errors.js';
import { displayUrl } from '../../../src/rtmp/rtmp-url.js';

const parse = (url: string, more: Omit<OutputAddress, 'url'> = {}) =>
  parseOutputAddress({ url, ...more }, 'outputs.main');

describe('output address', () => {
  const table: [OutputAddress, Partial<ReturnType<typeof parse>>][] = [
    [
      { url: 'rtmp://h/live/key' },
      { host: 'h', port: 1935, app: 'live', streamKey: 'key', tcUrl: 'rtmp://h/live' },
    ],
    [
      { url: 'rtmps://h/live', key: 'key' },
      { secure: true, port: 443, app: 'live', streamKey: 'key', tcUrl: 'rtmps://h/live' },
    ],
    [
      { url: 'RTMP://h:1936/a/b/c/key?x=1/2&y=%2F' },
      { port: 1936, app: 'a/b/c', streamKey: 'key?x=1/2&y=%2F', tcUrl: 'rtmp://h:1936/a/b/c' },
    ],
    [
      { url: 'rtmps://h:443/rtmp/', key: ' FB-1?s_bl=1&s_ps=2\n' },
      { app: 'rtmp', streamKey: 'FB-1?s_bl=1&s_ps=2', tcUrl: 'rtmps://h/rtmp' },
    ],
    [
      { url: 'rtmp://h/app?token=t', key: 'k' },
      { app: 'app?token=t', tcUrl: 'rtmp://h/app?token=t' },
    ],
    [
      { url: 'rtmp://[::1]:1935/live/k' },
      { host: '::1', port: 1935, tcUrl: 'rtmp://[::1]/live', streamKey: 'k' },
    ],
    [
      { url: 'rtmp://me%40x:p%3Aq:r@h/live/k' },
      { host: 'h', username: 'me@x', password: 'p:q:r', tcUrl: 'rtmp://h/live' },
    ],
    [
      { url: 'rtmp://me:pw@h/live/k', username: 'you', password: 'other' },
      { username: 'you', password: 'other' },
    ],
    [{ url: ' rtmp://h/live/k@1 ' }, { streamKey: 'k@1', username: undefined }],
  ];
  for (const [address, expected] of table) {
    it(`${JSON.stringify(address.url)} with ${address.key === undefined ? 'no key' : 'a key'}`, () => {
      const target = parseOutputAddress(address, 'outputs.main');
      for (const [name, value] of Object.entries(expected)) {
        assert.equal(target[name as keyof typeof target], value, name);
      }
    });
  }

  it('is rejected with a message without secrets', () => {
    const secret = 'secretkey';
    const wrong: [string, RegExp][] = [
      [`http://h/live/${secret}`, /RTMP/],
      [`rtmp:///live/${secret}`, /RTMP/],
      [`rtmp://h:70000/live/${secret}`, /port/],
      [`rtmp://h/live ${secret}`, /RTMP/],
      ['rtmp://h/live', /stream key/],
      ['rtmp://h/live/', /stream key/],
      ['rtmp://h//', /application|key/],
    ];
    for (const [url, message] of wrong) {
      assert.throws(
        () => parse(url),
        (error) =>
          error instanceof BulkheadError &&
          error.code === 'config.invalid' &&
          error.where === 'outputs.main' &&
          message.test(error.message) &&
          !JSON.stringify(error.toData()).includes(secret),
        url,
      );
    }
    assert.throws(() => parse('rtmp://h/', { key: 'k' }), /application/);
  });

  it('is shown without its secrets', () => {
    const shown = displayUrl(parse('rtmp://me:pw@h:1936/a/b?token=t', { key: 'k' }));
    assert.equal(shown, 'rtmp://h:1936/a/b?***/***');
    assert.equal(displayUrl(parse('rtmps://h/live/k')), 'rtmps://h/live/***');
  });

  it('is redirected to where a server says, and never from TLS to plain text', () => {
    const target = parse('rtmp://me:pw@h/live', { key: 'k?x=1' });
    for (const [reference, tcUrl] of [
      ['rtmp://foo.example.com:1936/realtime', 'rtmp://foo.example.com:1936/realtime'],
      ['//192.0.2.0/realtime', 'rtmp://192.0.2.0/realtime'],
      ['/realtime', 'rtmp://h/realtime'],
      ['rtmps://h/live', 'rtmps://h/live'],
    ] as const) {
      const redirected = redirectedTarget(target, reference);
      assert.equal(redirected?.tcUrl, tcUrl);
      assert.equal(redirected?.streamKey, 'k?x=1');
      assert.equal(redirected?.password, 'pw');
    }
    assert.equal(redirectedTarget(target, 'http://h/live'), undefined);
    assert.equal(redirectedTarget(parse('rtmps://h/live/k'), 'rtmp://h/live'), undefined);
  });
});
