import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LiveServerStub } from '../../../src/core/stubs/live-server-stub.js';
import { type Amf0Value, writeAmf0 } from '../../../src/media/amf0.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import type { LiveServerStartResult } from '../../../src/protocol/live-server.js';
import { ChunkWriter } from '../../../src/rtmp/chunk-writer.js';
import { MessageType } from '../../../src/rtmp/messages.js';
import { isAlive } from '../../support/children.js';
import { freePorts, liveServerStub } from '../../support/live-server.js';
import { type Publisher, probeStreams, publish } from '../../support/publisher.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const MIB = 1024 * 1024;

describe('embedded live server', function () {
  this.timeout(60_000);
  let liveServer: LiveServerStub;
  const cleanUps: (() => void | Promise<void>)[] = [];

  beforeEach(() => {
    liveServer = liveServerStub();
  });

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    await liveServer.stop();
    liveServer.dispose();
  });

  const published = (url: string, input?: readonly string[]): Publisher => {
    const publisher = publish(url, input);
    cleanUps.push(() => publisher.kill());
    return publisher;
  };

  it('plays what is published to it on the origin of its page', async () => {
    const addresses = await liveServer.start(await freePorts());
    published(addresses.publishUrl);

    const streams = await probeStreams(addresses.playUrl);

    const video = streams.find(({ codec_type }) => codec_type === 'video');
    const audio = streams.find(({ codec_type }) => codec_type === 'audio');
    assert.deepEqual(
      [video?.codec_name, video?.width, video?.height, audio?.codec_name],
      ['h264', 640, 360, 'aac'],
    );
    assert.equal(new URL(addresses.playUrl).origin, new URL(addresses.pageUrl).origin);
    const page = await fetch(addresses.pageUrl);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<video/);
  });

  it('plays as HLS, every frame of it decodable', async () => {
    const addresses = await liveServer.start(await freePorts());
    published(addresses.publishUrl);
    const playlist = addresses.playUrl.replace('.flv', '.m3u8');
    await eventually('some segments', async () => {
      const text = await (await fetch(playlist)).text();
      return (text.match(/#EXTINF/g)?.length ?? 0) >= 4 || undefined;
    });
    const folder = tempDir('hls');
    cleanUps.push(() => folder.dispose());
    const copy = join(folder.path, 'copy.mp4');
    const decode = ['-v', 'error', '-xerror', '-live_start_index', '0', '-i', playlist, '-t', '3'];
    execFileSync('ffmpeg', ['-nostdin', ...decode, '-map', '0', '-c', 'copy', copy]);
    execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-xerror', '-i', copy, '-f', 'null', '-']);
    const [video, audio] = await probeStreams(copy);
    assert.deepEqual(
      [video?.codec_name, video?.width, video?.height, audio?.codec_name],
      ['h264', 640, 360, 'aac'],
    );
  });

  it('takes the next free ports when the usual ones are in use', async () => {
    const wanted = await freePorts();
    await hold(wanted.rtmpPort, cleanUps);
    await hold(wanted.httpPort, cleanUps);

    const addresses = await liveServer.start(wanted);

    assert.notEqual(addresses.rtmpPort, wanted.rtmpPort);
    assert.notEqual(addresses.httpPort, wanted.httpPort);
    published(addresses.publishUrl);
    assert.equal((await probeStreams(addresses.playUrl)).length, 2);
  });

  it('handles a client whose connect has no application and no address', async () => {
    const addresses = await liveServer.start(await freePorts());
    const pid = pidOf(liveServer);
    await sendConnectWithoutUrl(addresses.rtmpPort);
    published(addresses.publishUrl);
    assert.equal((await probeStreams(addresses.playUrl)).length, 2);
    assert.equal(pidOf(liveServer), pid);
  });

  it('accepts no publisher without its key', async () => {
    const addresses = await liveServer.start(await freePorts());
    const { publishUrl, rtmpPort } = addresses;
    const bare = publishUrl.replace(/\?.*/, '');
    for (const url of [
      bare,
      `${bare}?key=`,
      `${publishUrl}x`,
      `${bare}?key=a&key=b`,
      `${bare}?sign=9999999999-x`,
      `${bare}?sign=a&sign=b`,
      publishUrl.replace('/stream?', '/other?'),
    ]) {
      const thief = published(url);
      await eventually(`${url} is refused`, () => (isAlive(thief.pid) ? undefined : true));
    }
    assert.ok(publishUrl.startsWith(`rtmp://127.0.0.1:${rtmpPort}/live/stream?key=`));
    assert.equal(pidOf(liveServer), liveServer.status?.pid, 'it runs on');
    published(publishUrl);
    assert.equal((await probeStreams(addresses.playUrl)).length, 2);
  });

  it('is there for the network where it is told to be, and plays to others with their token alone', async () => {
    const everywhere = { host: '0.0.0.0', rtmpHost: '0.0.0.0' };
    const addresses = await liveServer.start({ ...(await freePorts()), ...everywhere });
    const { hostname, host } = new URL(addresses.ingestUrl);
    assert.ok(addresses.publishUrl.startsWith('rtmp://127.0.0.1:'));
    published(addresses.publishUrl.replace('127.0.0.1', hostname));
    const { search } = new URL(addresses.playUrl);
    assert.equal((await probeStreams(`rtmp://${host}/live/stream${search}`)).length, 2);
    const stranger = probeStreams(`rtmp://${host}/live/stream`);
    // A machine without a network has nothing but its loopback address.
    if (hostname === '127.0.0.1') assert.equal((await stranger).length, 2);
    else await assert.rejects(stranger, /needs the token of the viewer link/);
  });

  it('ignores media of a client that plays, or was refused', async () => {
    const { publishUrl, playUrl, rtmpPort } = await liveServer.start(await freePorts());
    published(publishUrl);
    await probeStreams(playUrl);
    const viewer = new AbortController();
    cleanUps.push(() => viewer.abort());
    const seen: Buffer[] = [];
    const { body } = await fetch(playUrl, { signal: viewer.signal });
    const reading = (async () => {
      for await (const bytes of body ?? []) seen.push(Buffer.from(bytes));
    })().catch(() => {});
    await eventually('the viewer sees media', () => (seen.length > 3 ? true : undefined));

    for (const command of ['play', 'publish']) await sendMedia(rtmpPort, command, `INJECTED-${command}`);

    const before = seen.length;
    await eventually('the viewer sees more', () => (seen.length > before + 20 ? true : undefined));
    assert.equal(Buffer.concat(seen).includes('INJECTED'), false);
    viewer.abort();
    await reading;
  });

  it('restarts on the same ports each time it was killed', async () => {
    const addresses = await liveServer.start(await freePorts());
    for (let kill = 0; kill < 4; kill += 1) {
      const pid = pidOf(liveServer);
      process.kill(pid, 'SIGKILL');
      await eventually('another process', () =>
        pidOf(liveServer) === pid ? undefined : pidOf(liveServer) || undefined,
      );
      await assertServes(addresses);
    }
  });

  it('drops a viewer that does not read, and no other', async function () {
    this.timeout(120_000);
    const folder = tempDir('noise');
    cleanUps.push(() => folder.dispose());
    const addresses = await liveServer.start(await freePorts());
    const rssBefore = rssBytes(pidOf(liveServer));
    const clip = makeNoise(folder);
    published(addresses.publishUrl, ['-stream_loop', '-1', '-readrate', '12', '-i', clip, '-c', 'copy']);

    const slow = await view(addresses, cleanUps);
    const slowByRtmp = await viewByRtmp(addresses, cleanUps);
    const healthy = await view(addresses, cleanUps);
    let received = 0;
    healthy.on('data', (chunk) => {
      received += chunk.length;
    });
    slow.pause();
    slowByRtmp.kill('SIGSTOP');

    // A busy machine moves less of it.
    await eventually('enough media', () => (received > 80 * MIB ? true : undefined), 90_000);

    const grown = rssBytes(pidOf(liveServer)) - rssBefore;
    assert.ok(grown < 100 * MIB, `grew by ${Math.round(grown / MIB)} MiB`);
    const dropped = [once(slow, 'close'), once(slowByRtmp, 'close')];
    await delay(6000);
    slow.resume();
    slowByRtmp.kill('SIGCONT');
    await Promise.all(dropped);
    assert.equal(healthy.destroyed, false);
  });

  it('answers a second start with the addresses of the first', async () => {
    const first = await liveServer.start(await freePorts());
    assert.deepEqual(await liveServer.start(await freePorts()), first);
  });

  it('starts again after a stop, and is not running in between', async () => {
    const ports = await freePorts();
    await liveServer.start(ports);
    const pid = pidOf(liveServer);

    await liveServer.stop();

    assert.equal(isAlive(pid), false);
    assert.equal(liveServer.status, undefined);
    assert.equal((await liveServer.start(ports)).httpPort, ports.httpPort);
  });

  it('reports that it cannot be started', async () => {
    const broken = liveServerStub('/nowhere/live-server.cjs');
    cleanUps.push(() => broken.dispose());
    await assert.rejects(broken.start(await freePorts()), { code: ErrorCodes.processFailed });
  });

  it('rejects a start that is stopped before it has completed', async () => {
    const started = liveServer.start(await freePorts());
    const rejected = assert.rejects(started, { code: ErrorCodes.processFailed });
    await liveServer.stop();
    await rejected;
  });
});

function pidOf(liveServer: LiveServerStub): number {
  return liveServer.status?.pid ?? 0;
}

async function assertServes({ pageUrl }: LiveServerStartResult): Promise<void> {
  const status = await eventually('the page', () =>
    fetch(pageUrl).then(
      (response) => response.status,
      () => undefined,
    ),
  );
  assert.equal(status, 200);
}

async function hold(port: number, cleanUps: (() => void)[]): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  return server;
}

/** Plays or publishes the stream without a key, and sends frames of this text. */
async function sendMedia(rtmpPort: number, command: string, text: string): Promise<void> {
  const socket = connect(rtmpPort, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const chunks = new ChunkWriter();
  const call = (streamId: number, ...values: Amf0Value[]) =>
    chunks.write(3, { type: MessageType.commandAmf0, streamId, timestamp: 0, payload: writeAmf0(...values) });
  const frame = Buffer.concat([Buffer.from([0x17, 1, 0, 0, 0]), Buffer.from(text)]);
  const handshake = Buffer.alloc(1 + 1536 + 1536);
  handshake[0] = 3;
  socket.write(
    Buffer.concat([
      handshake,
      call(0, 'connect', 1, { app: 'live', tcUrl: `rtmp://127.0.0.1:${rtmpPort}/live` }),
      call(0, 'createStream', 2, null),
      call(1, command, 3, null, 'stream', 'live'),
      ...Array.from({ length: 5 }, () =>
        chunks.write(4, { type: MessageType.video, streamId: 1, timestamp: 0, payload: frame }),
      ),
    ]),
  );
  await once(socket.resume(), 'data');
  await delay(300);
  socket.destroy();
}

/** An RTMP `connect` with an empty command object. */
async function sendConnectWithoutUrl(rtmpPort: number): Promise<void> {
  const socket = connect(rtmpPort, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const handshake = Buffer.alloc(1 + 1536 + 1536);
  handshake[0] = 3;
  const command = Buffer.concat([
    Buffer.from([0x02, 0x00, 0x07]), // AMF0 string, 7 bytes
    Buffer.from('connect'),
    Buffer.from([0x00, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]), // AMF0 number 1
    Buffer.from([0x03, 0x00, 0x00, 0x09]), // AMF0 empty object
  ]);
  const header = Buffer.from([0x03, 0, 0, 0, 0, 0, command.length, 20, 0, 0, 0, 0]);
  socket.write(Buffer.concat([handshake, header, command]));
  await once(socket.resume(), 'close');
}

/** 4 s of noise at about 10 Mbit/s. */
function makeNoise(folder: TempDir): string {
  const file = join(folder.path, 'noise.flv');
  const source = 'nullsrc=size=640x360:rate=25,geq=random(1)*255:128:128';
  const args = [
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    source,
    '-t',
    '4',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
  ];
  execFileSync('ffmpeg', [...args, '-b:v', '10M', '-pix_fmt', 'yuv420p', '-g', '25', '-f', 'flv', file]);
  return file;
}

async function view({ httpPort }: LiveServerStartResult, cleanUps: (() => void)[]): Promise<Socket> {
  const socket = connect(httpPort, '127.0.0.1');
  cleanUps.push(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write('GET /live/stream.flv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await once(socket, 'data');
  return socket;
}

/** ffmpeg as a viewer, once it has seen the first frames. */
async function viewByRtmp(
  { publishUrl }: LiveServerStartResult,
  cleanUps: (() => void | Promise<void>)[],
): Promise<ChildProcess> {
  const args = [
    '-nostdin',
    '-loglevel',
    'error',
    '-i',
    publishUrl,
    '-c',
    'copy',
    '-progress',
    'pipe:1',
    '-f',
    'null',
    '-',
  ];
  const viewer = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(viewer, 'close');
  cleanUps.push(async () => {
    viewer.kill('SIGKILL');
    await closed;
  });
  await once(viewer.stdout, 'data');
  viewer.stdout.resume();
  return viewer;
}

function rssBytes(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
