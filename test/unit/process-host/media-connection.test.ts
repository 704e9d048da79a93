import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { MediaListener } from '../../../src/core/media-sockets/media-listener.js';
import { connectMedia } from '../../../src/process-host/media-connection.js';
import type { MediaAddress } from '../../../src/protocol/encoder.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const TOKEN = 'a1'.repeat(32);

describe("an encoder's media connection", () => {
  let dir: TempDir;
  let listener: MediaListener;

  beforeEach(() => {
    dir = tempDir('connection');
    const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
    listener = new MediaListener({ address: join(dir.path, 'core.sock') }, log);
  });

  afterEach(() => {
    listener.dispose();
    dir.dispose();
  });

  it('transfers what is written to it, and nothing else', async () => {
    const run = listener.open();
    const chunks: Buffer[] = [];
    run.read(
      (chunk) => chunks.push(chunk),
      () => {},
    );
    const socket = await connectMedia(await run.address);
    socket.end('FLV');
    await eventually('the media', () => chunks[0]);
    assert.equal(Buffer.concat(chunks).toString(), 'FLV');
  });

  const invalid: readonly [string, unknown][] = [
    ['nothing', undefined],
    ['no path', { token: TOKEN }],
    ['an empty path', { path: '', token: TOKEN }],
    ['no token', { path: '/x' }],
    ['a token of another length', { path: '/x', token: TOKEN.slice(1) }],
    ['a token of two lines', { path: '/x', token: `${TOKEN}\n${TOKEN}` }],
  ];
  for (const [what, address] of invalid) {
    it(`is not made with ${what} as an address`, async () => {
      await assert.rejects(connectMedia(address as MediaAddress), { code: 'rpc.invalidParams' });
    });
  }

  it('fails with a retryable error if no core listens', async () => {
    await assert.rejects(connectMedia({ path: join(dir.path, 'nobody'), token: TOKEN }), {
      code: 'process.failed',
      message: /could not be reached for the media: ENOENT/,
    });
  });

  it('fails with a retryable error if something else answers', async () => {
    const path = join(dir.path, 'other');
    const other = createServer((socket) => socket.on('error', () => {}).end('welcome\n')).listen(path);
    await once(other, 'listening');
    await assert.rejects(connectMedia({ path, token: TOKEN }), { code: 'process.failed' });
    other.close();
  });

  it('fails with a retryable error if the core does not accept it', async () => {
    const { path } = await listener.open().address;
    await assert.rejects(connectMedia({ path, token: TOKEN }), {
      code: 'process.failed',
      message: /it was not accepted/,
    });
  });
});
