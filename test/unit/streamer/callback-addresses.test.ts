import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { LoopbackCallbacks, type OpenCallback } from '../../../src/core/streamer/callback-addresses.js';

const MINUTE_MS = 60_000;

interface Page {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

/** What a browser gets. */
function visit(
  url: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Page> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode, text, headers: response.headers }));
    });
    sent.on('error', reject).end();
  });
}

describe('a callback address', () => {
  let address: OpenCallback;

  beforeEach(async () => {
    address = await new LoopbackCallbacks().open(MINUTE_MS);
  });
  afterEach(() => address.dispose());

  const elsewhere = (path: string) => new URL(path, address.url).href;

  it('takes the query of one request, and answers with a page of its own', async () => {
    const { status, text, headers } = await visit(`${address.url}?code=a%2Fb&state=%3Cscript%3E`);
    assert.equal(status, 200);
    assert.match(text, /You can close this window/);
    assert.doesNotMatch(text, /script/);
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
    assert.equal(await address.query, 'code=a%2Fb&state=%3Cscript%3E');
    await assert.rejects(visit(`${address.url}?code=2`), { code: 'ECONNREFUSED' });
  });

  it('is on one address of this computer, with a path that cannot be guessed', async () => {
    assert.match(address.url, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}$/);
    const other = await new LoopbackCallbacks().open(MINUTE_MS);
    await assert.rejects(visit(address.url.replace('127.0.0.1', '127.0.0.2')));
    assert.notEqual(new URL(other.url).pathname, new URL(address.url).pathname);
    other.dispose();
  });

  it('has nothing else, and goes on waiting', async () => {
    const { port } = new URL(address.url);
    const wrong = [
      visit(elsewhere('/favicon.ico')),
      visit(elsewhere('/?code=1')),
      visit(`${address.url}x?code=1`),
      visit(`${address.url}?${'x'.repeat(9000)}`),
      visit(address.url, { method: 'POST' }),
      visit(address.url, { method: 'HEAD' }),
      visit(address.url, { headers: { host: `evil.example:${port}` } }),
      visit(address.url, { headers: { host: '127.0.0.1' } }),
    ];
    assert.deepEqual(
      (await Promise.all(wrong)).map(({ status }) => status),
      wrong.map(() => 404),
    );
    assert.equal((await visit(address.url, { headers: { host: `localhost:${port}` } })).status, 200);
    assert.equal(await address.query, '');
  });

  it('survives what is not HTTP', async () => {
    const socket = connect(Number(new URL(address.url).port), '127.0.0.1');
    await new Promise((resolve) => {
      socket.on('close', resolve).on('error', () => {});
      socket.resume().write('\0\0\0 nonsense\r\n\r\n');
    });
    assert.equal((await visit(`${address.url}?a`)).status, 200);
  });

  it('ends when its time is over, and when it is disposed of', async () => {
    const short = await new LoopbackCallbacks().open(1);
    assert.equal(await short.query, null);
    address.dispose();
    assert.equal(await address.query, null);
    for (const { url } of [short, address]) await assert.rejects(visit(url), { code: 'ECONNREFUSED' });
  });
});
