import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FakeCore, startPlugin } from '@bulkhead/extension-api/testing';

const show = { sources: [], scenes: [{ id: 'main' }] };

describe('url-source', () => {
  let server: Server;
  let url: string;
  let answer: { status: number; type: string; body: string };

  beforeEach(async () => {
    answer = { status: 200, type: 'text/plain', body: 'Hello\n' };
    server = createServer((_request, response) => {
      response
        .writeHead(answer.status, { 'content-type': answer.type, connection: 'close' })
        .end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => server.close());

  const until = async (core: FakeCore, isDone: () => boolean) => {
    for (let tries = 0; !isDone(); tries += 1) {
      assert.ok(tries < 500, `status: ${core.statusItems['url']}`);
      await core.clock.advance(20);
    }
  };
  const live = async (settings: Record<string, string | number> = {}) => {
    const core = await startPlugin({ show, settings: { url, ...settings }, clock: 'real' });
    await core.broadcast.goLive();
    return core;
  };
  const refresh = (core: FakeCore) => core.commands.execute('url-source.refresh');

  it('shows a text, and the next one, which the streamer need not undo', async () => {
    const core = await live();
    await refresh(core);
    assert.equal(core.sources.settingsOf('url')?.['text'], 'Hello');
    assert.equal(core.sources.settingsOf('url')?.['addedBy'], 'bulkhead.url-source');
    answer.body = 'Bye';
    assert.equal(await refresh(core), 'text/plain, 3 bytes');
    await core.scenes.add({ id: 'other' });
    await core.scenes.undo();
    assert.equal(core.sources.settingsOf('url')?.['text'], 'Bye');
  });

  it('reads it again and again', async () => {
    const core = await live({ seconds: 1 });
    await until(core, () => core.sources.settingsOf('url')?.['text'] === 'Hello');
    answer.body = 'Again';
    await until(core, () => core.sources.settingsOf('url')?.['text'] === 'Again');
  });

  it('shows an image from a file of its own', async () => {
    answer = { status: 200, type: 'image/png', body: 'first' };
    const core = await live();
    await refresh(core);
    const first = String(core.sources.settingsOf('url')?.['path']);
    assert.equal(await readFile(first, 'utf8'), 'first');
    answer.body = 'second';
    await refresh(core);
    assert.equal(await readFile(String(core.sources.settingsOf('url')?.['path']), 'utf8'), 'second');
    await assert.rejects(readFile(first), /ENOENT/);
  });

  it('says what is wrong, and leaves what is shown', async () => {
    const core = await live();
    await refresh(core);
    answer.status = 404;
    assert.equal(await refresh(core), 'not read: 404 Not Found');
    server.close();
    await core.setSettings({ url: 'http://127.0.0.1:1/' });
    await until(
      core,
      () => /^not read: .+/.test(core.statusItems['url'] ?? '') && !core.statusItems['url']?.includes('404'),
    );
    assert.equal(core.sources.settingsOf('url')?.['text'], 'Hello');
    await core.setSettings({ url: '' });
    assert.equal(core.statusItems['url'], 'set "url"');
  });

  it('adds its source to the next broadcast, too', async () => {
    const core = await live({ seconds: 3600 });
    await refresh(core);
    await core.broadcast.end();
    await core.broadcast.goLive();
    await until(core, () => core.sources.settingsOf('url')?.['text'] === 'Hello');
  });
});
