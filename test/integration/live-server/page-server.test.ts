import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type ClientOptions, WebSocket } from 'ws';
import { PageServer } from '../../../src/live-server/page-server.js';
import type { OpenStream } from '../../../src/live-server/send-stream.js';
import type { KeyHash } from '../../../src/protocol/live-server.js';
import { freePort } from '../../support/ports.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const MIB = 1024 * 1024;
const HLS = {
  playlist: async (query: string) => `playlist${query}`,
  file: (name: string) => (name === '1.m4s' ? Buffer.from('segment') : undefined),
};

describe('PageServer', () => {
  let folder: TempDir;
  let server: PageServer | undefined;
  let openStream: OpenStream;

  beforeEach(async () => {
    folder = tempDir('page');
    writeFileSync(join(folder.path, 'index.html'), '<!doctype html><title>page</title>');
    writeFileSync(join(folder.path, 'viewer.js'), 'export {};');
    writeFileSync(join(folder.path, 'large.js'), Buffer.alloc(8 * MIB));
    openStream = () => Readable.from([Buffer.from('FLV')]);
    server = await start();
  });

  afterEach(() => {
    server?.dispose();
    folder.dispose();
  });

  const start = async (options: { host?: string; token?: KeyHash } = {}) =>
    PageServer.start(
      folder.path,
      { host: '127.0.0.1', port: await freePort(), ...options },
      { open: (signal) => openStream(signal), hls: HLS },
    );

  const url = (path: string): string => new URL(path, server?.pageUrl).href;

  it('serves the page, and forbids loading from other sites', async () => {
    const page = await fetch(url('/'));
    assert.match(await page.text(), /<title>page/);
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal(
      (await fetch(url('/viewer.js?x=1'))).headers.get('content-type'),
      'text/javascript; charset=utf-8',
    );
  });

  it('serves nothing else', async () => {
    for (const path of ['/nothing', '/../package.json', '/%2e%2e/package.json', '//', '/live/other.flv']) {
      assert.equal((await get(url('/'), { path })).statusCode, 404, path);
    }
    const post = await fetch(url('/live/stream.flv'), { method: 'POST', body: 'x' });
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
  });

  it('sends the stream, to its own page only', async () => {
    for (const path of ['/live/stream.flv', '/']) {
      const foreign = await fetch(url(path), { headers: { Origin: 'https://example.com' } });
      assert.equal(foreign.status, 403);
    }
    const stream = await fetch(url('/live/stream.flv'), { headers: { Origin: new URL(url('/')).origin } });
    assert.equal(await stream.text(), 'FLV');
    assert.equal(stream.headers.get('content-type'), 'video/x-flv');
    assert.equal(stream.headers.get('access-control-allow-origin'), null);
  });

  it('answers HEAD without opening the stream', async () => {
    openStream = () => assert.fail('opened');
    assert.equal((await fetch(url('/live/stream.flv'), { method: 'HEAD' })).status, 200);
  });

  it("rejects a host name that is not this machine's", async () => {
    const asked = (host: string) => get(url('/'), { headers: { host } }).then(({ statusCode }) => statusCode);
    assert.equal(await asked('evil.example'), 403);
    assert.equal(await asked('127.0.0.1.evil.example:8000'), 403);
    assert.equal(await asked('localhost:8000'), 200);
  });

  it('disconnects the viewer when the stream breaks', async () => {
    openStream = () =>
      Readable.from(
        (async function* () {
          yield Buffer.from('FLV');
          throw new Error('broken');
        })(),
      );
    await assert.rejects(fetch(url('/live/stream.flv')).then((response) => response.text()));
  });

  it('sends the stream on a WebSocket, to its own page and to programs', async () => {
    const { origin } = new URL(url('/'));
    for (const options of [{}, { origin }]) {
      const socket = new WebSocket(url('/live/stream.flv').replace('http', 'ws'), options);
      const messages: Buffer[] = [];
      socket.on('message', (bytes: Buffer) => messages.push(bytes));
      const [code] = await once(socket, 'close');
      assert.deepEqual([code, Buffer.concat(messages).toString()], [1000, 'FLV']);
    }
    assert.equal(await refusedSocket('/live/stream.flv', { origin: 'https://example.com' }), 403);
    assert.equal(await refusedSocket('/live/stream.flv', { headers: { Host: 'example.com' } }), 403);
    assert.equal(await refusedSocket('/viewer.js', {}), 404);
  });

  it('closes a WebSocket when its viewer sends a message, or its stream breaks', async () => {
    const streams: Readable[] = [];
    openStream = (signal) => {
      const stream = new Readable({ read() {}, signal }).on('error', () => {});
      streams.push(stream);
      return stream;
    };
    const address = url('/live/stream.flv').replace('http', 'ws');
    const talker = new WebSocket(address);
    await once(talker, 'open');
    talker.send('hello');
    assert.deepEqual((await once(talker, 'close'))[0], 1006);
    await eventually('its stream is closed', () => streams[0]?.destroyed || undefined);
    const viewer = new WebSocket(address);
    await once(viewer, 'open');
    streams[1]?.destroy(new Error('too slow'));
    assert.deepEqual((await once(viewer, 'close'))[0], 1006);
  });

  it('reads no more from the stream than a viewer reads on its WebSocket', async () => {
    let taken = 0;
    openStream = () =>
      new Readable({
        read() {
          taken += 64 * 1024;
          this.push(Buffer.alloc(64 * 1024));
        },
      });
    const viewer = new WebSocket(url('/live/stream.flv').replace('http', 'ws'));
    await once(viewer, 'open');
    viewer.pause();
    let before = -1;
    await eventually('it stops taking', () => {
      const still = taken === before;
      before = taken;
      return still ? true : undefined;
    });
    assert.ok(taken < 32 * MIB, `took ${taken} bytes for a viewer that does not read`);
    viewer.terminate();
  });

  it("requires viewers' token if other machines can reach it", async () => {
    server?.dispose();
    const salt = 'salt';
    const hash = createHash('sha256').update('salttoken').digest('hex');
    server = await start({ host: '0.0.0.0', token: { salt, hash } });
    for (const query of ['', '?token=', '?token=other', '?token=token&token=token']) {
      assert.equal((await fetch(url(`/${query}`))).status, 403, query);
      assert.equal((await fetch(url(`/live/stream.flv${query}`))).status, 403, query);
      assert.equal(await refusedSocket(`/live/stream.flv${query}`, {}), 403, query);
    }
    assert.equal((await fetch(url('/?token=token'))).status, 200);
    assert.equal((await fetch(url('/viewer.js'))).status, 200);
    assert.equal(await (await fetch(url('/live/stream.flv?token=token'))).text(), 'FLV');
    assert.equal((await fetch(url('/live/stream.m3u8'))).status, 403);
    assert.equal((await fetch(url('/live/hls/1.m4s'))).status, 403);
    const playlist = await fetch(url('/live/stream.m3u8?token=token'));
    assert.equal(await playlist.text(), 'playlist?token=token');
    assert.equal(await (await fetch(url('/live/hls/1.m4s?token=token'))).text(), 'segment');
  });

  it('serves the stream as HLS', async () => {
    const playlist = await fetch(url('/live/stream.m3u8?x=1'));
    assert.equal(await playlist.text(), 'playlist');
    assert.equal(playlist.headers.get('content-type'), 'application/vnd.apple.mpegurl');
    assert.equal(playlist.headers.get('cache-control'), 'no-store');
    const segment = await fetch(url('/live/hls/1.m4s'));
    assert.deepEqual([segment.headers.get('content-type'), await segment.text()], ['video/mp4', 'segment']);
    assert.equal((await fetch(url('/live/hls/2.m4s'))).status, 404);
  });

  const refusedSocket = async (path: string, options: ClientOptions): Promise<number | undefined> => {
    const socket = new WebSocket(url(path).replace('http', 'ws'), options);
    socket.on('error', () => {});
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    response.resume();
    return response.statusCode;
  };

  it('ends its viewers in order when the broadcast has ended, and disconnects them when only the server stops', async () => {
    const signals: AbortSignal[] = [];
    openStream = (signal) => {
      signals.push(signal);
      const stream = new Readable({ read() {}, signal }).on('error', () => {});
      stream.push('FLV');
      return stream;
    };
    const viewer = await fetch(url('/live/stream.flv'));
    server?.endViewers();
    server?.dispose();
    assert.equal(await viewer.text(), 'FLV');
    await eventually('the stream is closed', () => signals[0]?.aborted || undefined);

    server = await start();
    const other = await fetch(url('/live/stream.flv'));
    server.dispose();
    await assert.rejects(other.text());
  });

  it('ends a viewer that is still waiting for the stream in order', async () => {
    openStream = (signal) => new Readable({ read() {}, signal }).on('error', () => {});
    const waiting = fetch(url('/live/stream.flv'));
    await delay(50);
    server?.endViewers();
    const response = await waiting;
    assert.deepEqual([response.status, await response.text()], [200, '']);
  });

  it('disconnects its viewers when it stops right after the publisher has disconnected', async () => {
    openStream = () => Readable.from([Buffer.from('FLV')]);
    const viewer = await fetch(url('/live/stream.flv'));
    await delay(50);
    server?.dispose();
    await assert.rejects(viewer.text());
  });

  it('closes the stream when its viewer disconnects', async () => {
    let aborted = false;
    openStream = (signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Readable({ read() {}, signal }).on('error', () => {});
    };
    const viewer = new AbortController();
    const response = fetch(url('/live/stream.flv'), { signal: viewer.signal }).catch(() => {});
    await delay(50);
    viewer.abort();
    await response;
    await eventually('the stream is closed', () => aborted || undefined);
  });

  describe('among a thousand connections of another program', () => {
    const sockets: Socket[] = [];

    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.destroy();
    });

    const open = async (count: number, text: string) => {
      for (let index = 0; index < count; index += 1) {
        const socket = connect(server?.httpPort ?? 0, '127.0.0.1');
        socket.on('error', () => {});
        socket.pause();
        sockets.push(socket);
        await once(socket, 'connect');
        socket.write(text);
      }
    };
    const assertServes = async () => {
      const page = await fetch(url('/'), {
        signal: AbortSignal.timeout(5000),
        headers: { Connection: 'close' },
      });
      assert.match(await page.text(), /<title>page/);
    };

    for (const [what, text] of [
      ['send nothing', ''],
      ['send half a request', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-'],
      ['stay open after a request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
      ['send no body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n'],
    ] as const) {
      it(`that ${what}, serves a browser`, async () => {
        await open(1000, text);
        await assertServes();
        for (const socket of sockets) socket.resume();
        const left = () => sockets.filter((socket) => !socket.closed).length;
        await eventually('only some are left', () => (left() <= 64 + 64 ? true : undefined), 4000);
      });
    }

    it('that do not read, serves a browser', async () => {
      await open(200, 'GET /large.js HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await assertServes();
    });

    it('that watch the stream, serves the page, and rejects further viewers', async () => {
      openStream = (signal) => new Readable({ read() {}, signal }).on('error', () => {});
      await open(150, 'GET /live/stream.flv HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await assertServes();
      const { statusCode } = await get(url('/live/stream.flv'), {});
      assert.equal(statusCode, 503);
    });
  });

  it('closes a connection that does not complete its request', async () => {
    const socket = connect(server?.httpPort ?? 0, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    const drip = setInterval(() => socket.write('X: y\r\n'), 500);
    try {
      await once(socket.resume(), 'close');
    } finally {
      clearInterval(drip);
    }
  }).timeout(20_000);

  it('reads no more from the stream than a viewer reads', async () => {
    let taken = 0;
    openStream = () =>
      new Readable({
        read() {
          taken += 64 * 1024;
          this.push(Buffer.alloc(64 * 1024));
        },
      });
    const viewer = connect(Number(new URL(url('/')).port), '127.0.0.1');
    viewer.on('error', () => {});
    viewer.write('GET /live/stream.flv HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(viewer, 'data');
    viewer.pause();

    let before = -1;
    await eventually('it stops taking', () => {
      const still = taken === before;
      before = taken;
      return still ? true : undefined;
    });

    assert.ok(taken < 32 * MIB, `took ${taken} bytes for a viewer that does not read`);
    viewer.destroy();
  });
});

/** Without the checks and the normalization of `fetch`. */
async function get(
  url: string,
  options: { path?: string; headers?: Record<string, string> },
): Promise<IncomingMessage> {
  const call = request(url, { ...options, agent: false }).end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.resume();
  return response;
}
