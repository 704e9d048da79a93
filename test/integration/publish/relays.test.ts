import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bulkhead } from '../../support/bulkhead.js';
import { descendantsOf } from '../../support/children.js';
import { type LiveViewer, type ViewedPacket, watchLive } from '../../support/live-viewer.js';
import { PutServer } from '../../support/put-server.js';
import { assertNoFrameMissing, SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const PASSPHRASE = 'a passphrase of SRT';
const STREAM_ID = '#!::r=live/stream,m=publish,k=KEY-5d1c';
const PASSWORD = 'pass-77aa';
const SECRETS = [PASSPHRASE, 'KEY-5d1c', PASSWORD, Buffer.from(`studio:${PASSWORD}`).toString('base64')];
const FRAMES = 5 * SMALL_VIDEO.fps;

describe('outputs that relays send', function () {
  this.timeout(180_000);
  let folder: TempDir;
  let run: Bulkhead | undefined;
  let server: PutServer | undefined;
  let viewers: LiveViewer[];

  beforeEach(() => {
    folder = tempDir('relays');
    viewers = [];
  });

  afterEach(async () => {
    for (const viewer of viewers) await viewer.stop();
    await run?.end();
    await server?.stop();
    run = undefined;
    server = undefined;
    folder.dispose();
  });

  function watch(url: string, options: readonly string[] = []): LiveViewer {
    const viewer = watchLive(url, { options });
    viewers.push(viewer);
    return viewer;
  }

  /** Judges what a viewer has got: no frame is missing, and sound goes with it. */
  async function judge(viewer: LiveViewer, name: string): Promise<void> {
    await eventually(`${name} has frames`, () =>
      viewer.packets.filter(({ stream }) => stream === 'video').length >= FRAMES ? true : undefined,
    );
    const live = run;
    assert.ok(live);
    const { soundMs, frameMs } = viewer.report();
    assert.equal(backwards(viewer.packets), 0, name);
    await assertNoFrameMissing(viewer.packets, () => live.status(), { name });
    assert.ok(Math.abs(soundMs - frameMs) < 500, `${name}: ${soundMs} ms of sound, ${frameMs} ms of frames`);
  }

  it('reach an SRT server, a player of our SRT listener, UDP, a folder and a web server, with no secret shown', async () => {
    const [srt, listener, udp, rist] = [
      await freeUdpPort(),
      await freeUdpPort(),
      await freeUdpPort(),
      await freeUdpPort(),
    ];
    server = await PutServer.start();
    const web = join(folder.path, 'web');
    const segments = { segmentSeconds: 1, playlistSegments: 20 };
    const file = writeConfig(folder.path, {
      outputs: [
        {
          ...{ id: 'server', type: 'srt', url: `srt://127.0.0.1:${srt}`, latencyMs: 120 },
          ...{ key: 'env:STREAM_ID', passphrase: 'env:PASSPHRASE' },
        },
        { id: 'players', type: 'srt', mode: 'listener', url: `srt://127.0.0.1:${listener}` },
        { id: 'group', type: 'udp', url: `udp://127.0.0.1:${udp}` },
        { id: 'folder', type: 'hls', folder: web, ...segments },
        { id: 'uplink', type: 'rist', url: `rist://127.0.0.1:${rist}`, passphrase: 'env:PASSPHRASE' },
        {
          ...{ id: 'origin', type: 'hls', url: server.url('/live/{key}/index.m3u8'), key: 'env:ORIGIN_KEY' },
          ...{ username: 'studio', password: 'env:PASSWORD', ...segments },
        },
      ],
    });
    const peer = watch(
      `srt://127.0.0.1:${srt}?mode=listener&passphrase=${PASSPHRASE.replaceAll(' ', '+')}&latency=120000`,
    );
    const uplink = watch(`rist://@127.0.0.1:${rist}`, ['-secret', PASSPHRASE, '-encryption', '128']);
    const receiver = watch(`udp://127.0.0.1:${udp}`);
    const env = { STREAM_ID, PASSPHRASE, PASSWORD, ORIGIN_KEY: 'KEY-5d1c' };
    run = new Bulkhead(['live', file, '--log-level', 'trace'], { env });
    const states = await run.until('all but the listener are live', ({ outputs }) =>
      outputs.every(({ id, state }) => state === (id === 'players' ? 'connecting' : 'live')),
    );
    assert.deepEqual(
      states.outputs.map(({ url }) => url.replace(/:\d+/g, ':PORT')),
      [
        'srt://127.0.0.1:PORT',
        'srt://127.0.0.1:PORT',
        'udp://127.0.0.1:PORT',
        web,
        'rist://127.0.0.1:PORT',
        'http://127.0.0.1:PORT/***',
      ],
    );
    // Its listener may not be there yet on a busy computer.
    const player = watch(`srt://127.0.0.1:${listener}?connect_timeout=60000`);
    await run.until('the player is served', ({ outputs }) => outputs[1]?.state === 'live');

    const commands = descendantsOf(states.core.pid).map(({ command }) => command);
    assert.equal(commands.filter((command) => command.includes('relay.cjs')).length, 6);

    const inFolder = watch(join(web, 'stream.m3u8'));
    const atOrigin = watch(server.url('/live/KEY-5d1c/index.m3u8'));
    await judge(peer, 'the SRT server');
    await judge(player, 'the SRT player');
    await judge(receiver, 'the UDP receiver');
    await judge(uplink, 'the RIST receiver');
    await judge(inFolder, 'the folder');
    await judge(atOrigin, 'the web server');

    const status = JSON.stringify(await run.status());
    const log = readFileSync(states.core.logFile ?? '', 'utf8');
    assert.equal(await run.stop(), 0, run.stderr);
    for (const secret of SECRETS) {
      for (const [where, text] of Object.entries<string>({
        arguments: commands.join('\n'),
        status,
        log,
        printed: run.stdout + run.stderr,
      })) {
        assert.ok(!text.includes(secret), `${secret} is in ${where}`);
      }
    }
    assert.match(readFileSync(join(web, 'stream.m3u8'), 'utf8'), /#EXT-X-ENDLIST\n$/);
    assert.match(server.files.get('/live/KEY-5d1c/index.m3u8')?.toString() ?? '', /#EXT-X-ENDLIST\n$/);
    assert.ok(readdirSync(web).every((name) => /^(stream\.m3u8|segment-\d+\.ts)$/.test(name)));
  });

  it('delete old segments, in a folder and at a web server', async () => {
    server = await PutServer.start();
    const web = join(folder.path, 'web');
    const segments = { segmentSeconds: 1, playlistSegments: 3 };
    const file = writeConfig(folder.path, {
      outputs: [
        { id: 'folder', type: 'hls', folder: web, ...segments },
        { id: 'origin', type: 'hls', url: server.url('/x.m3u8'), ...segments },
      ],
    });
    run = new Bulkhead(['live', file]);
    await eventually('segments are deleted', () =>
      (server?.requests.filter(({ method }) => method === 'DELETE').length ?? 0) >= 3 ? true : undefined,
    );
    assert.ok(readdirSync(web).length <= 6, String(readdirSync(web)));
    assert.ok(server.files.size <= 6, String([...server.files.keys()]));
    assert.equal(await run.stop(), 0, run.stderr);
  });
});

/** Packets that are not later than the one before of their track. Of the first two of sound in a segment, ffmpeg gives both one time. */
function backwards(packets: readonly ViewedPacket[]): number {
  const tracks = [
    packets.filter(({ stream }) => stream === 'video'),
    packets.filter(({ stream }) => stream === 'audio').slice(1),
  ];
  return tracks.flatMap((track) => track.slice(1).filter(({ dtsMs }, i) => dtsMs <= (track[i]?.dtsMs ?? 0)))
    .length;
}

/** A UDP port of 127.0.0.1 that was free a moment ago. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}
