import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { ControlClient } from '../../../src/control-client/control-client.js';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { assertNoFrameMissing, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const TWELVE = [
  ...['scene-director', 'move-transition', 'now-playing', 'countdown', 'url-source', 'directory-watch'],
  ...['chat-replay', 'captions', 'scene-notes', 'soundboard', 'ducking-presets', 'stream-title'],
];
const TITLE = 'A title of the test';

/** What the plugins talk to: a page, a feed of captions, the API of a platform, and a chat. */
class Outside {
  readonly titles: string[] = [];
  private readonly feeds: ServerResponse[] = [];
  private readonly chatters: Socket[] = [];
  private readonly http = createServer((request, response) => this.answer(request, response));
  private readonly chat = createTcpServer((socket) => {
    this.chatters.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (/^USER /m.test(String(data))) socket.write(':mock 001 you :Welcome\r\n');
      if (/^JOIN /m.test(String(data))) socket.write(':mock 366 you #me :End of names\r\n');
    });
  });

  private answer(request: IncomingMessage, response: ServerResponse): void {
    // A test leaves no connection behind.
    response.setHeader('connection', 'close');
    if (request.url === '/feed') {
      response.writeHead(200, { 'content-type': 'text/plain' }).flushHeaders();
      this.feeds.push(response);
    } else if (request.method === 'PATCH') {
      request.on('data', (body) => this.titles.push(JSON.parse(String(body)).title));
      request.on('end', () => response.writeHead(204).end());
    } else response.writeHead(200, { 'content-type': 'text/plain' }).end('2 : 1');
  }

  async start(): Promise<void> {
    for (const server of [this.http, this.chat] as Server[]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  get chatPort(): number {
    return (this.chat.address() as AddressInfo).port;
  }

  caption(line: string): void {
    for (const feed of this.feeds) feed.write(`${line}\n`);
  }

  say(text: string): void {
    for (const chatter of this.chatters) chatter.write(`:anna!a@b PRIVMSG #me :${text}\r\n`);
  }

  stop(): void {
    for (const chatter of this.chatters) chatter.destroy();
    this.http.closeAllConnections();
    this.http.close();
    this.chat.close();
  }
}

describe('twelve plugins at once, on air', function () {
  this.timeout(180_000);
  const outside = new Outside();
  let folder: TempDir;
  let nginx: NginxRtmp;
  let bulkhead: Bulkhead;
  let client: ControlClient;
  let viewer: LiveViewer;

  before(async () => {
    folder = tempDir('twelve');
    nginx = await startNginxRtmp();
    await outside.start();
    const config = writeConfig(folder.path, {
      sources: [
        { id: 'game', type: 'test-pattern' },
        { id: 'cam', type: 'colour' },
      ],
      scenes: [
        {
          id: 'main',
          layers: [
            { id: 'game', source: 'game' },
            { id: 'cam', source: 'cam', x: 220, y: 120, width: 80, height: 46 },
          ],
        },
        { id: 'talk', layers: [{ id: 'cam', source: 'cam' }] },
      ],
      plugins: TWELVE.map((name) => join(packageRoot(), 'sample-plugins', name)),
      pluginSettings: {
        'bulkhead.url-source': { url: `${outside.url}/score`, seconds: 3600 },
        'bulkhead.directory-watch': { folder: 'inbox' },
        'bulkhead.captions': { url: `${outside.url}/feed`, seconds: 60, size: 12, y: 140 },
        'bulkhead.chat-replay': {
          ...{ server: '127.0.0.1', port: outside.chatPort, tls: false, channel: 'me', messages: 3 },
          command: 'soundboard.list',
        },
        'bulkhead.scene-notes': { notes: ['main = Say hello', 'talk = Thank the sponsors'] },
        'bulkhead.ducking-presets': { presets: ['soft = game -18 by cam'], scenes: ['main = soft'] },
        'bulkhead.stream-title': { api: `${outside.url}/channels`, clientId: 'me', broadcasterId: '7' },
      },
    });
    bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', 'twelve')]);
    await bulkhead.until('live', ({ state }) => state === 'live', 60_000);
    await bulkhead.until(
      'all are active',
      ({ extensionHosts }) =>
        extensionHosts.length === TWELVE.length &&
        extensionHosts.every(({ state, waiting = [] }) => state === 'running' && waiting.length === 0),
      60_000,
    );
    client = await ControlClient.connect(bulkhead.address);
    // Of the API, which is not Twitch's here.
    const { questions } = await bulkhead.until('a plugin asks for its host', (status) => {
      return status.questions.length > 0;
    });
    await client.answerQuestion(questions[0]?.id ?? 0, 'Allow');
    viewer = watchLive(nginx.url('live', 'twelve'));
    await viewer.next(({ keyframe }) => keyframe, 60_000);
  });
  after(async () => {
    client?.dispose();
    await viewer?.stop();
    await bulkhead?.end();
    outside.stop();
    await nginx?.stop();
    folder?.dispose();
  });

  const run = (command: string, ...args: unknown[]) => client.runCommand(command, args);
  const itemOf = ({ extensionHosts }: Status, plugin: string, id: string) =>
    extensionHosts
      .find(({ plugins }) => plugins.includes(`bulkhead.${plugin}`))
      ?.statusItems?.find((item) => item.id === id)?.text;
  const says = (plugin: string, id: string, text: RegExp) =>
    bulkhead.until(`${plugin} says ${text}`, (status) => text.test(itemOf(status, plugin, id) ?? ''), 60_000);
  /** A file in a plugin's own folder. */
  const write = (plugin: string, path: string, text: string | Buffer) => {
    const file = join(dirname(bulkhead.address), 'bulkhead/plugins/files', `bulkhead.${plugin}`, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const onAir = ({ canvases: [canvas] }: Status) => canvas?.programme;

  it('each does what it is for, and no frame is missing', async () => {
    write('now-playing', 'title.txt', 'Nena – 99 Luftballons\n');
    await says('now-playing', 'title', /^Nena/);
    // An image of one pixel.
    write('directory-watch', 'inbox/one.bmp', bitmap());
    await says('directory-watch', 'newest', /^one\.bmp$/);
    await says('url-source', 'url', /^text\/plain, 5 bytes$/);
    const { sources } = await client.sources.list();
    assert.deepEqual(
      sources
        .filter(({ addedBy }) => addedBy !== undefined)
        .map(({ id, type, addedBy }) => [id, type, addedBy])
        .sort(),
      [
        ['newest', 'image', 'bulkhead.directory-watch'],
        ['url', 'text', 'bulkhead.url-source'],
      ],
    );

    await says('scene-notes', 'note', /^Say hello$/);
    await says('ducking-presets', 'preset', /^soft$/);
    const [game] = (await client.audio.list()).sources;
    assert.deepEqual([game?.ducking?.by, game?.ducking?.amountDb], ['cam', -18]);

    await run('move-transition.save', 'small');
    await client.scenes.setLayer({ scene: 'main', id: 'cam', change: { x: 0 } });
    await run('move-transition.recall', 'small');
    const [main] = (await client.scenes.list()).scenes;
    assert.equal(main?.layers[1]?.x, 220);
    await run('move-transition.to', 'talk');
    assert.equal(onAir(await bulkhead.status()), 'talk');
    await says('scene-notes', 'note', /^Thank the sponsors$/);
    assert.equal(await run('scene-director.scene', 'main'), 'main is on air.');
    assert.equal(onAir(await bulkhead.status()), 'main');

    await run('countdown.start', 1);
    await says('countdown', 'countdown', /^until /);
    await says('captions', 'captions', /^connecting|following/);
    await eventually('the captions are heard', async () => {
      outside.caption('Good evening');
      return itemOf(await bulkhead.status(), 'captions', 'captions') === 'following the feed' || undefined;
    });
    await run('soundboard.play', 'beep');
    await bulkhead.until('the beep has been played', ({ sources: open }) =>
      open.some(({ id, state }) => id === 'sound-beep' && state === 'ended'),
    );

    await says('chat-replay', 'chat', /^reading #me$/);
    for (let n = 0; n < 3; n += 1) outside.say('pog');
    await bulkhead.until('the marker', ({ markers }) =>
      markers.some(({ label }) => /^Chat burst/.test(label)),
    );
    await client.records.setSecret({ id: 'bulkhead.stream-title', key: 'token', value: 'a-token' });
    assert.equal(await run('stream-title.set', TITLE), `The title is "${TITLE}".`);
    assert.deepEqual(outside.titles, [TITLE]);

    await viewer.next(({ keyframe }) => keyframe, 60_000);
    const { state, encoder, extensionHosts } = await bulkhead.status();
    assert.deepEqual([state, encoder.restarts], ['live', 0]);
    assert.deepEqual(
      extensionHosts.map(({ restarts, error }) => [restarts, error]),
      TWELVE.map(() => [0, undefined]),
    );
    await assertNoFrameMissing(viewer.packets, () => bulkhead.status());
    assert.equal(viewer.report().backwards, 0);
  });
});

/** 2 × 2 pixels of 24 bits. */
function bitmap(): Buffer {
  const image = Buffer.alloc(54 + 16, 0x80);
  image.fill(0, 0, 54);
  image.write('BM');
  image.writeUInt32LE(image.length, 2);
  image.writeUInt32LE(54, 10);
  image.writeUInt32LE(40, 14);
  image.writeInt32LE(2, 18);
  image.writeInt32LE(2, 22);
  image.writeUInt16LE(1, 26);
  image.writeUInt16LE(24, 28);
  image.writeUInt32LE(16, 34);
  return image;
}
