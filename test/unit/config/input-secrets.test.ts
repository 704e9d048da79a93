import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inputRedactor, redactUrl, redactUrls } from '../../../src/config/input-secrets.js';

describe('redactUrls', () => {
  const cases: [given: string, shown: string][] = [
    ['rtmp://host/app/KEY', 'rtmp://host/app/***'],
    ['rtmps://host:443/app/instance/KEY?token=1', 'rtmps://host:443/app/instance/***?***'],
    ['RTMP://joe:pass@host/app/KEY', 'RTMP://***@host/app/***'],
    ['rtmp://joe:p@ss@host/app/KEY', 'rtmp://***@host/app/***'],
    ['rtmp://host/app', 'rtmp://host/app'],
    ['rtsp://joe:pass@host:554/door?channel=1', 'rtsp://***@host:554/door?***'],
    ['srt://host:9000?streamid=publish/KEY&passphrase=correct-horse', 'srt://host:9000?***'],
    ['https://host/live/index.m3u8?token=abc', 'https://host/live/index.m3u8?***'],
    ['[error] rtmp://host/app/KEY: Input/output error', '[error] rtmp://host/app/***: Input/output error'],
    ["Opening 'https://h/a.ts?x=1' for reading", "Opening 'https://h/a.ts?***' for reading"],
    ['Connection to tcp://10.0.0.1:1935 failed', 'Connection to tcp://10.0.0.1:1935 failed'],
    ['C:\\clip.mp4, 25 fps: no address', 'C:\\clip.mp4, 25 fps: no address'],
  ];
  for (const [given, shown] of cases) it(given, () => assert.equal(redactUrls(given), shown));

  it('hides a key that contains a space', () => {
    assert.equal(redactUrl('rtmp://host/app/my key'), 'rtmp://host/app/***');
  });
});

describe('inputRedactor', () => {
  const redact = inputRedactor({
    type: 'url',
    url: 'rtmp://joe:correct%20horse@host/app/live_123?token=abcdef&mode=live',
  });

  it('hides secrets outside of an address, both encoded and decoded', () => {
    assert.equal(
      redact('Failed to play live_123; auth joe / correct horse / correct%20horse, token abcdef'),
      'Failed to play ***; auth *** / *** / ***, token ***',
    );
  });

  it("hides an RTMP server's message, which could contain the key in any encoding", () => {
    const text = `Server error: ${Buffer.from('live_123').toString('base64')}`;
    assert.equal(redact(text), 'Server error: not shown');
  });

  it('keeps words that are equal to short query values', () => {
    assert.equal(redact('a live stream'), 'a live stream');
  });

  it('does not change messages about other inputs', () => {
    assert.equal(inputRedactor({ type: 'screen' })('Cannot open display :0'), 'Cannot open display :0');
  });

  it('shows no secret, whatever the address and however often it is repeated', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9_.~%!-]{8,40}$/);
    fc.assert(
      fc.property(secret, secret, secret, secret, (user, password, key, token) => {
        const url = `rtmp://${user}:${password}@host/app/${key}?token=${token}`;
        const text = `[rtmp] ${url}: ${key} ${token} ${user} ${password} (${encodeURIComponent(key)})`;
        const shown = inputRedactor({ type: 'url', url })(text);
        return [user, password, key, token].every((word) => !shown.includes(word));
      }),
    );
  });
});
