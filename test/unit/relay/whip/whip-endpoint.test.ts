import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { BulkheadError } from '../../../../src/protocol/errors.js';
import { offerSession } from '../../../../src/relay/whip/whip-endpoint.js';

const KEY = 'KEY-77aa';

describe('a WHIP endpoint', () => {
  let server: Server;
  let seen: { method: string; path: string; authorization: string | undefined }[];
  let serve: (request: IncomingMessage, response: ServerResponse) => void;

  before(async () => {
    server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, path: url, authorization: headers.authorization });
      request.resume().on('end', () => serve(request, response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  beforeEach(() => {
    seen = [];
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const port = () => (server.address() as AddressInfo).port;
  const offer = (url = `http://127.0.0.1:${port()}/whip`, signal = new AbortController().signal) =>
    offerSession(
      'v=0\r\n',
      { url, authorization: `Bearer ${KEY}`, ca: undefined, server: 'live.example' },
      signal,
    );

  async function refusal(answer: typeof serve, url?: string): Promise<string> {
    serve = answer;
    const error = await offer(url).then(
      () => assert.fail('it was accepted'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof BulkheadError, String(error));
    assert.doesNotMatch(error.sentence, new RegExp(KEY));
    assert.ok(error.remedy);
    return `${error.code} ${error.message}`;
  }

  it('gets the key with the offer, where it redirects, and with the end', async () => {
    serve = ({ url, method }, response) => {
      if (url === '/whip') response.writeHead(307, { location: '/next' }).end();
      else if (url === '/next')
        response.writeHead(308, { location: `http://127.0.0.1:${port()}/last` }).end();
      else if (method === 'POST') response.writeHead(201, { location: 'sessions/1' }).end('v=0\r\nanswer');
      else response.writeHead(200).end();
    };
    const session = await offer();
    assert.equal(session.answer, 'v=0\r\nanswer');
    await session.end();
    const authorization = `Bearer ${KEY}`;
    assert.deepEqual(seen, [
      { method: 'POST', path: '/whip', authorization },
      { method: 'POST', path: '/next', authorization },
      { method: 'POST', path: '/last', authorization },
      { method: 'DELETE', path: '/sessions/1', authorization },
    ]);
  });

  for (const [status, expected] of [
    [401, /^output\.authFailed live\.example has refused the key: HTTP 401$/],
    [403, /^output\.authFailed/],
    [404, /^output\.refused live\.example has no such endpoint: HTTP 404$/],
    [409, /^output\.keyInUse live\.example says that somebody publishes there already: HTTP 409$/],
    [415, /^output\.refused live\.example does not take the offer/],
    [302, /^output\.refused live\.example redirects in a way that WHIP forbids/],
    [405, /^output\.refused live\.example has answered as no WHIP endpoint does/],
    [200, /^output\.refused live\.example has answered as no WHIP endpoint does/],
    [429, /^output\.unreachable live\.example takes no stream now: HTTP 429$/],
    [503, /^output\.unreachable/],
  ] as const) {
    it(`that answers ${status} is explained`, async () => {
      assert.match(await refusal((_, response) => response.writeHead(status).end(KEY)), expected);
    });
  }

  it('that answers with something else, redirects for ever, or leads the key astray is explained', async () => {
    assert.match(
      await refusal((_, response) => response.writeHead(201).end('<html>')),
      /^output\.refused live\.example has answered with no session description/,
    );
    assert.match(
      await refusal((_, response) => response.writeHead(201).end(Buffer.alloc(300_000))),
      /^output\.refused .* far too long/,
    );
    assert.match(
      await refusal((_, response) => response.writeHead(307, { location: '/whip' }).end()),
      /^output\.refused live\.example redirects again and again/,
    );
    assert.equal(seen.length, 8);
    assert.match(
      await refusal((_, response) => response.writeHead(307, { location: 'ftp://127.0.0.1/' }).end()),
      /redirects to no web address/,
    );
    assert.match(
      await refusal((_, response) => response.writeHead(307).end()),
      /redirects to no valid address/,
    );
  });

  it('that closes, refuses connections or speaks another language is explained', async () => {
    assert.match(
      await refusal((request) => request.socket.destroy()),
      /^output\.unreachable cannot reach live\.example: it has closed the connection/,
    );
    const other = createTcpServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('220 ftp\r\n'),
    );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    assert.match(await refusal(serve, url), /^output\.refused live\.example does not speak HTTP/);
    await new Promise((resolve) => other.close(resolve));
    assert.match(await refusal(serve, url), /nothing is listening there/);
  });

  it('gets no key that HTTP does not carry', async () => {
    const odd = { url: 'http://127.0.0.1:1/', authorization: 'Bearer \u{1f511}', ca: undefined, server: 'h' };
    await assert.rejects(offerSession('v=0', odd, new AbortController().signal), { code: 'config.invalid' });
  });

  it('is not waited for once nobody wants it', async () => {
    const stopping = new AbortController();
    serve = () => stopping.abort();
    await assert.rejects(offer(undefined, stopping.signal), { code: 'output.unreachable' });
  });
});
