import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { RegistryClient } from '../../../../src/plugins/npm/registry-client.js';
import { type Answer, type NpmRegistry, startNpmRegistry } from '../../../support/npm-registry.js';
import { freePort } from '../../../support/ports.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('asking a registry', () => {
  let folder: TempDir;
  let registry: NpmRegistry;

  beforeEach(async () => {
    folder = tempDir('client');
    registry = await startNpmRegistry(folder.path);
  });

  afterEach(async () => {
    await registry.stop();
    folder.dispose();
  });

  const client = (url = registry.url, deadlineMs = 20_000) =>
    new RegistryClient(
      {
        registryOf: () => url,
        authorizationFor: ({ host }) => (url.endsWith(host) ? 'Bearer secret' : undefined),
      },
      deadlineMs,
    );
  const get = (answer: Answer, deadlineMs?: number) => {
    registry.override('/chat', answer);
    return client(registry.url, deadlineMs).get(registry.url, '/chat', 1);
  };
  const refused = (answering: Promise<unknown>, message: RegExp) =>
    assert.rejects(answering, (error: Error & { code: string }) => {
      assert.equal(error.code, 'registry.failed');
      assert.match(error.message, message);
      return true;
    });

  it('reads JSON, with the login of that registry, and nothing where there is nothing', async () => {
    const answer: Answer = ({ headers }, response) =>
      void response.end(JSON.stringify({ login: headers.authorization }));
    assert.deepEqual(await get(answer), { login: 'Bearer secret' });
    assert.equal(await client().get(registry.url, '/nothing', 1), undefined);
  });

  it('follows redirects within the host, not to others, and not without end', async () => {
    const to =
      (location: string): Answer =>
      (_request, response) =>
        void response.writeHead(302, { location }).end();
    registry.override('/moved', (_request, response) => void response.end('[1]'));
    assert.deepEqual(await get(to('/moved')), [1]);
    await refused(
      get(to('http://elsewhere.invalid/chat')),
      /redirects to another host, http:\/\/elsewhere\.invalid$/,
    );
    await refused(get(to('/chat')), /redirects more than 3 times$/);
  });

  it('ends an answer that is too large, also when it is compressed', async () => {
    const mb = Buffer.alloc(1024 * 1024, ' ');
    const endless: Answer = (_request, response) => {
      const more = () => {
        while (response.write(mb));
      };
      response.on('drain', more);
      more();
    };
    await refused(get(endless), /has answered with more than 1 MB$/);
    const bomb: Answer = (_request, response) =>
      void response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    await refused(get(bomb), /has answered with more than 1 MB$/);
  });

  for (const [what, answer, message] of [
    ['no JSON', (_: unknown, response) => void response.end('<html>'), /has not answered with JSON$/],
    [
      'JSON that is nested too deep',
      (_: unknown, response) => void response.end('['.repeat(1_000_000)),
      /has not answered with JSON$/,
    ],
    ['that it wants a login', (_: unknown, response) => void response.writeHead(401).end(), /\(HTTP 401\)$/],
    ['an error', (_: unknown, response) => void response.writeHead(500).end('x'), /answered with HTTP 500$/],
    [
      'half of an answer',
      (_: unknown, response) => void response.write('[', () => response.destroy()),
      /cannot be reached: /,
    ],
    ['no HTTP', (request) => void request.socket.end('what?\r\n\r\n'), /cannot be reached: /],
  ] as const satisfies readonly (readonly [string, Answer, RegExp])[]) {
    it(`says that it has answered with ${what}`, () => refused(get(answer), message));
  }

  it('says that it does not answer, and that it cannot be reached', async () => {
    await refused(
      get(() => {}, 50),
      /has not answered within 0\.05 s$/,
    );
    const nobody = `http://127.0.0.1:${await freePort()}`;
    await refused(client(nobody).get(nobody, '/chat', 1), /cannot be reached: ECONNREFUSED$/);
  });
});
