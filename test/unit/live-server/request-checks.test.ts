import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { isOwnName, isSameOrigin } from '../../../src/live-server/request-checks.js';

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
