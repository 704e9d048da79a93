import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { hashKey } from '../../../src/core/stubs/live-server-stub.js';
import { hasKey, isOwnName, isSameOrigin, mayPlay } from '../../../src/live-server/request-checks.js';

describe('what a request to the page names', () => {
  for (const [host, isOwn] of [
    [undefined, true],
    ['127.0.0.1:8000', true],
    ['LOCALHOST', true],
    ['[::1]:8000', true],
    ['192.0.2.7:8000', true],
    ['example.com', false],
    ['127.0.0.1.example.com:8000', false],
    ['localhost:8000:1', false],
    ['', false],
  ] as const) {
    it(`is ${isOwn ? '' : 'not '}this server in "${host}"`, () => assert.equal(isOwnName(host), isOwn));
  }

  for (const [origin, isSame] of [
    [undefined, true],
    ['http://192.0.2.7:8000', true],
    ['http://192.0.2.7:8001', false],
    ['https://192.0.2.7:8000', false],
    ['http://example.com', false],
    ['null', false],
  ] as const) {
    it(`is ${isSame ? '' : 'not '}its own page in the origin ${origin}`, () => {
      const request = new IncomingMessage(new Socket());
      request.headers = { host: '192.0.2.7:8000', ...(origin === undefined ? {} : { origin }) };
      assert.equal(isSameOrigin(request), isSame);
    });
  }
});

describe('who may play by RTMP', () => {
  const token = hashKey('secret');
  for (const [address, query, of, may] of [
    ['127.0.0.1', '', token, true],
    ['127.1.2.3', '', undefined, true],
    ['::ffff:127.0.0.1', '', token, true],
    ['::1', '', token, true],
    ['192.0.2.7', '', undefined, false],
    ['192.0.2.7', 'token=secret', undefined, false],
    ['192.0.2.7', 'token=secret', token, true],
    ['::ffff:192.0.2.7', 'token=secret', token, true],
    ['192.0.2.7', 'token=other', token, false],
    ['192.0.2.7', 'key=secret', token, false],
    ['::ffff:192.0.2.7', '', token, false],
    ['', '', token, false],
  ] as const) {
    it(`${may ? 'does' : 'does not'} at "${address}" with "${query}"${of === undefined ? ', without a token to know' : ''}`, () =>
      assert.equal(mayPlay(address, query, of), may));
  }

  it('gives a key once', () => {
    assert.equal(hasKey('key=secret', 'key', token), true);
    assert.equal(hasKey('key=secret&key=secret', 'key', token), false);
    assert.equal(hasKey(`key=${'secret'.repeat(100)}`, 'key', token), false);
  });
});
