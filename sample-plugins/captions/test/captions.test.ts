import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FakeCore, startPlugin } from '@bulkhead/extension-api/testing';

describe('captions', () => {
  let server: Server;
  let url: string;
  let feeds: ServerResponse[];

  beforeEach(async () => {
    feeds = [];
    server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', connection: 'close' });
      response.flushHeaders();
      feeds.push(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** What viewers see; undefined for nothing. */
  const captionsOf = ({ overlays: [overlay] }: FakeCore): unknown => {
    const text = overlay?.elements.find(({ id }) => id === 'text');
    return overlay?.visible === true && text?.type === 'text' ? text.text : undefined;
  };
  const until = async (core: FakeCore, isDone: () => boolean) => {
    for (let tries = 0; !isDone(); tries += 1) {
      assert.ok(tries < 500, `${core.statusItems['captions']}: ${String(captionsOf(core))}`);
      await core.clock.advance(20);
    }
  };

  it('shows the last lines of the feed, however they come', async () => {
    const core = await startPlugin({ settings: { url }, clock: 'real' });
    await until(core, () => feeds.length > 0);
    const [feed] = feeds as [ServerResponse];
    feed.write('Good eve');
    feed.write('ning\r\n\nand welcome\n');
    await until(core, () => captionsOf(core) === 'Good evening\nand welcome');
    feed.write(`to ${'x'.repeat(200)} the show\n`);
    await until(core, () => String(captionsOf(core)).endsWith('the show'));
    assert.match(String(captionsOf(core)), /^and welcome\nx{111} the show$/);
    feed.end('bye');
    await until(core, () => core.statusItems['captions'] === 'the feed has ended');
    assert.match(String(captionsOf(core)), /\nbye$/);
  });

  it('says why there is no feed', async () => {
    server.close();
    const core = await startPlugin({ settings: { url }, clock: 'real' });
    await until(core, () => /^no captions: .*ECONNREFUSED/.test(core.statusItems['captions'] ?? ''));
    await core.setSettings({ url: '' });
    await until(core, () => core.statusItems['captions'] === 'set "url"');
  });

  it('clears what is old', async () => {
    const core = await startPlugin();
    await core.commands.execute('captions.say', 'Hello', 'there');
    assert.equal(captionsOf(core), 'Hello there');
    await core.clock.advance(5000);
    await core.commands.execute('captions.say', 'again');
    assert.equal(captionsOf(core), 'Hello there\nagain');
    await core.clock.advance(5999);
    assert.equal(captionsOf(core), 'Hello there\nagain');
    await core.clock.advance(1);
    assert.equal(captionsOf(core), undefined);
    await core.commands.execute('captions.say', 'new');
    assert.equal(captionsOf(core), 'new');
  });

  it('moves when the settings change', async () => {
    const core = await startPlugin({ settings: { y: 400 } });
    assert.equal(core.overlays[0]?.y, 400);
    await core.setSettings({ y: 20, lines: 3 });
    assert.deepEqual([core.overlays[0]?.y, core.overlays[0]?.height], [20, 143]);
  });
});
