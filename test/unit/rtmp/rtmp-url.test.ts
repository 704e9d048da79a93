import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  displayUrl,
  findRtmpUrlProblem,
  parseRtmpAddress,
  RTMP_URL_PATTERN,
} from '../../../src/rtmp/rtmp-url.js';

describe('an RTMP address', () => {
  for (const right of [
    'rtmp://h/app',
    'RTMPS://h:443/app/key?x=1',
    'rtmp://[::1]:1935/live/k',
    'rtmp://me:p:w@h/live/k@1',
    ' rtmp://h/live/k ',
    'rtmp://h:1/live/k',
    'rtmp://h:65535/live/k',
  ]) {
    it(`is valid: ${right}`, () => {
      assert.equal(findRtmpUrlProblem(right), undefined);
      assert.match(right.trim(), new RegExp(RTMP_URL_PATTERN));
    });
  }

  const wrong: [string, RegExp][] = [
    ['live_s3cret', /does not begin with rtmp:\/\/ or rtmps:\/\/$/],
    ['', /does not begin with/],
    ['rtmp:/h/app/s3cret', /does not begin with/],
    ['srt://h:9000?streamid=s3cret', /this address begins with srt:\/\/: add "type": "srt" to the output$/],
    ['s3cret://h/app', /another kind of address$/],
    ['rtmp://h/app/my s3cret', /without spaces; a stream key that has some goes into "key"/],
    ['rtmp://h:99999/app/s3cret', /expected a port from 1 to 65535, got 99999$/],
    ['rtmp://h:65536/app/s3cret', /expected a port from 1 to 65535, got 65536$/],
    ['rtmp://h:0/app/s3cret', /expected a port from 1 to 65535, got 0$/],
    ['rtmp://user:s3cret/app', /expected a port from 1 to 65535 after the colon/],
    ['rtmp://h:/app/s3cret', /after the colon/],
    ['rtmp:///app/s3cret', /got one without a host$/],
    ['rtmp://h', /got no application after the host$/],
    ['rtmp://h//', /got no application/],
    ['rtmp://h[x/app/s3cret', /a host that cannot be one$/],
  ];
  for (const [text, message] of wrong) {
    it(`has a message of its own: ${text}`, () => {
      const problem = findRtmpUrlProblem(text) ?? '';
      assert.match(problem, message);
      assert.doesNotMatch(problem, /s3cret/);
    });
  }

  for (const [url, key, parts] of [
    ['rtmp://h/app/k', undefined, ['rtmp', 'h', 1935, 'app', 'k', 'rtmp://h/app']],
    ['RTMPS://h/app/one/k?a=/b', undefined, ['rtmps', 'h', 443, 'app/one', 'k?a=/b', 'rtmps://h/app/one']],
    ['rtmp://h:443/app//', ' k/l ', ['rtmp', 'h', 443, 'app', 'k/l', 'rtmp://h:443/app']],
    ['rtmps://[::1]:1935/a?b/', 'k', ['rtmps', '::1', 1935, 'a?b', 'k', 'rtmps://[::1]:1935/a?b']],
  ] as const) {
    it(`is parsed: ${url}`, () => {
      const address = parseRtmpAddress({ url, key }, 'outputs.a');
      const scheme = address.secure ? 'rtmps' : 'rtmp';
      const { host, port, app, streamKey, tcUrl } = address;
      assert.deepEqual([scheme, host, port, app, streamKey, tcUrl], parts);
    });
  }

  it('has a user and a password, decoded, unless they are given separately', () => {
    const login = (url: string, apart: { username?: string; password?: string } = {}) => {
      const { username, password } = parseRtmpAddress({ url, key: 'k', ...apart }, 'outputs.a');
      return [username, password];
    };
    assert.deepEqual(login('rtmp://h/app'), [undefined, undefined]);
    assert.deepEqual(login('rtmp://me:p%3Aw:x@h/app'), ['me', 'p:w:x']);
    assert.deepEqual(login('rtmp://100%:@h/app'), ['100%', undefined]);
    assert.deepEqual(login('rtmp://me:pw@h/app', { username: 'you', password: '' }), ['you', '']);
  });

  it('is refused without an application or a key', () => {
    for (const [url, key, message] of [
      ['rtmp://h//k', undefined, /names no application/],
      ['rtmp://h/app/', undefined, /no stream key/],
      ['rtmp://h/app', ' ', /no stream key/],
    ] as const)
      assert.throws(() => parseRtmpAddress({ url, key }, 'outputs.a'), { message, where: 'outputs.a' });
  });

  it('is shown without what may be secret', () => {
    const shown = (url: string) => displayUrl(parseRtmpAddress({ url, key: 's3cret' }, 'outputs.a'));
    assert.equal(shown('rtmp://me:pw@h/app'), 'rtmp://h/app/***');
    assert.equal(shown('rtmp://h/app/one/?token=a?b'), 'rtmp://h/app/one?***/***');
  });

  it('is accepted by the output, unless it lacks a key', () => {
    const part = fc.constantFrom(
      'rtmp://',
      'rtmps://',
      'h',
      '.',
      '/',
      ':',
      '1935',
      '99999',
      '@',
      '[::1]',
      'app',
      '?a=b',
      '%',
      ' ',
      'ü',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const url = `rtmp://${parts.join('')}`;
        if (findRtmpUrlProblem(url) !== undefined) return;
        assert.doesNotThrow(() => parseRtmpAddress({ url, key: 'key' }, 'outputs.a'), url);
      }),
    );
  });
});
