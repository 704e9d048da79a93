import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FakeCore, startPlugin } from '@bulkhead/extension-api/testing';

const show = { sources: [], scenes: [{ id: 'main' }, { id: 'break' }] };

describe('stream-title', () => {
  let server: Server;
  let api: string;
  let status: number;
  let requests: { readonly request: IncomingMessage; readonly body: { title: string } }[];

  beforeEach(async () => {
    status = 204;
    requests = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        requests.push({ request, body: JSON.parse(body) });
        response.writeHead(status, { connection: 'close' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/helix/channels`;
  });
  afterEach(() => server.close());

  const until = async (core: FakeCore, isDone: () => boolean) => {
    for (let tries = 0; !isDone(); tries += 1) {
      assert.ok(tries < 1000, `status: ${core.statusItems['title']}`);
      await core.clock.advance(20);
    }
  };
  const start = (settings: object = {}, language = 'en') =>
    startPlugin({
      ...{ show, secrets: { token: 'abc' }, clock: 'real', permissions: ['network:127.0.0.1:*', 'scenes'] },
      language,
      settings: { api, clientId: 'me', broadcasterId: '7', ...settings },
    });
  const titles = () => requests.map(({ body }) => body.title);
  const set = (core: FakeCore, ...words: string[]) => core.commands.execute('stream-title.set', ...words);

  it('sets the title as Twitch wants it', async () => {
    const core = await start();
    await core.broadcast.goLive();
    assert.equal(await set(core, 'Hello from', '{scene}'), 'The title is "Hello from main".');
    const [{ request }] = requests as [(typeof requests)[0]];
    assert.deepEqual([request.method, request.url], ['PATCH', '/helix/channels?broadcaster_id=7']);
    assert.deepEqual([request.headers.authorization, request.headers['client-id']], ['Bearer abc', 'me']);
    await set(core, 'Hello from main');
    await set(core, 'x'.repeat(200));
    assert.deepEqual(titles(), ['Hello from main', 'x'.repeat(140)]);
    assert.ok(core.log.every(({ message }) => !message.includes('abc')));
  });

  it('sets it when it goes live, and for scenes that stay', async () => {
    const core = await start({ title: 'Live!', titles: ['break = Back soon'] });
    await core.broadcast.goLive();
    await until(core, () => core.statusItems['title'] === 'Live!');
    await core.scenes.switchTo('break');
    await core.scenes.switchTo('main');
    await core.scenes.switchTo('break');
    await until(core, () => core.statusItems['title'] === 'Back soon');
    assert.deepEqual(titles(), ['Live!', 'Back soon']);
  }).timeout(20_000);

  it('says why it cannot', async () => {
    const core = await start({ title: 'Live!' });
    status = 401;
    await assert.rejects(set(core, 'Hello'), /the access token is not valid any more/);
    status = 500;
    await assert.rejects(set(core, 'Hello'), /the server answers 500/);
    await core.setSecret('token', null);
    await assert.rejects(set(core, 'Hello'), /enter the access token first/);
  });

  it('sets it when the streamer has entered the token', async () => {
    const core = await start({ title: 'Live!' });
    await core.setSecret('token', null);
    await core.broadcast.goLive();
    await until(core, () => /^not set: enter the access token/.test(core.statusItems['title'] ?? ''));
    await core.setSecret('token', 'def');
    await until(core, () => core.statusItems['title'] === 'Live!');
    assert.equal(requests[0]?.request.headers.authorization, 'Bearer def');
  }).timeout(20_000);

  it('asks whether it may connect to another host than Twitch’s', async () => {
    const core = await startPlugin();
    assert.equal(core.questions.length, 0);
    await core.setSettings({ api: 'https://api.example.com/channels' });
    const [question] = core.questions;
    assert.match(question?.message ?? '', /network:api\.example\.com/);
    await core.answer(question?.id ?? 0, 'Allow');
    await core.setSettings({ api });
    assert.match(core.questions[0]?.message ?? '', /127\.0\.0\.1/);
  });

  it('speaks Chinese', async () => {
    const core = await start({}, 'zh-cn');
    assert.equal(await set(core, '大家好'), '标题已设为“大家好”。');
  });

  it('takes only titles of scenes', async () => {
    await assert.rejects(start({ titles: ['Back soon'] }), /expected a scene and a title/);
  });
});
