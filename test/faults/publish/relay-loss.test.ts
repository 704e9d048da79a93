import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { descendantsOf, isAlive } from '../../support/children.js';
import { ON_PATH, QUICK_FFMPEG } from '../../support/ffmpeg.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { PutServer } from '../../support/put-server.js';
import { assertNoFrameMissing, SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const KILLS = 10;

describe('a relay that is lost', function () {
  this.timeout(240_000);
  let folder: TempDir;
  let nginx: NginxRtmp;
  let run: Bulkhead | undefined;
  let viewers: LiveViewer[];
  let sockets: Socket[];

  before(async () => {
    nginx = await startNginxRtmp();
  });

  after(() => nginx?.stop());

  beforeEach(() => {
    folder = tempDir('relay-loss');
    viewers = [];
    sockets = [];
  });

  afterEach(async () => {
    for (const viewer of viewers) await viewer.stop();
    await run?.end();
    for (const socket of sockets) socket.close();
    run = undefined;
    folder.dispose();
  });

  function watch(url: string): LiveViewer {
    const viewer = watchLive(url);
    viewers.push(viewer);
    return viewer;
  }

  /** Someone else's socket, on a port of its own. */
  async function usedPort(): Promise<number> {
    const socket = createSocket('udp4');
    sockets.push(socket);
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return socket.address().port;
  }

  async function freePort(): Promise<number> {
    const port = await usedPort();
    const socket = sockets.pop();
    await new Promise<void>((resolve) => socket?.close(resolve));
    return port;
  }

  /** The relay processes, or their ffmpegs. */
  function pidsOf(corePid: number, what: 'relay' | 'ffmpeg'): number[] {
    const relays = descendantsOf(corePid).filter(({ command }) => command.includes('relay.cjs'));
    const found =
      what === 'relay'
        ? relays
        : relays
            .flatMap(({ pid }) => descendantsOf(pid))
            .filter(({ command }) => command.includes('-progress'));
    return found.map(({ pid }) => pid);
  }

  function pidOf(corePid: number, what: 'relay' | 'ffmpeg'): number {
    const [pid] = pidsOf(corePid, what);
    assert.ok(pid !== undefined, `there is no ${what}`);
    return pid;
  }

  const sessions = (id: string, count: number) => (status: Awaited<ReturnType<Bulkhead['status']>>) => {
    const output = status.outputs.find((candidate) => candidate.id === id);
    return output?.state === 'live' && output.sessions >= count;
  };

  it('ten times is replaced, and an RTMP output beside it misses no frame', async () => {
    const port = await freePort();
    const file = writeConfig(folder.path, {
      outputs: [
        { id: 'main', url: nginx.url('live', 'beside') },
        { id: 'group', type: 'udp', url: `udp://127.0.0.1:${port}` },
      ],
    });
    run = new Bulkhead(['live', file]);
    const { core } = await run.until('both are live', ({ outputs }) =>
      outputs.every(({ state }) => state === 'live'),
    );
    const beside = watch(nginx.url('live', 'beside'));
    const receiver = watch(`udp://127.0.0.1:${port}`);
    await Promise.all([beside, receiver].map((viewer) => viewer.next(({ stream }) => stream === 'video')));
    for (let n = 1; n <= KILLS; n++) {
      const [relay, ffmpeg] = [pidOf(core.pid, 'relay'), pidOf(core.pid, 'ffmpeg')];
      process.kill(n % 2 === 0 ? relay : ffmpeg, 'SIGKILL');
      await run.until(`relay ${n + 1} is live`, sessions('group', n + 1));
      assert.ok(!isAlive(relay) && !isAlive(ffmpeg), 'both have ended');
      await receiver.next(({ stream, keyframe }) => stream === 'video' && keyframe);
    }
    const live = run;
    const status = await live.status();
    assert.equal(status.outputs[0]?.sessions, 1);
    assert.equal(status.encoder.epoch, 1);
    assert.equal(status.core.pid, core.pid);
    assert.equal(beside.report().backwards, 0);
    await assertNoFrameMissing(beside.packets, () => live.status(), { name: 'the RTMP viewer' });
    assert.equal(receiver.report().backwards, 0, 'timestamps go on');
    assert.equal(await run.stop(), 0, run.stderr);
  });

  it('of HLS costs its players nothing: what was not in a finished segment is sent again', async () => {
    const server = await PutServer.start();
    const web = join(folder.path, 'web');
    const file = writeConfig(folder.path, {
      outputs: [
        { id: 'folder', type: 'hls', folder: web, segmentSeconds: 2, playlistSegments: 200 },
        { id: 'origin', type: 'hls', url: server.url('/x.m3u8'), segmentSeconds: 1, playlistSegments: 200 },
      ],
    });
    try {
      run = new Bulkhead(['live', file]);
      const { core } = await run.until('both are live', ({ outputs }) =>
        outputs.every(({ state }) => state === 'live'),
      );
      for (const [n, what] of (['relay', 'ffmpeg', 'relay', 'ffmpeg'] as const).entries()) {
        // At other places of a segment each time.
        const { timeline } = await run.status();
        const fromMs = timeline.lastTimestampMs + 1500 + n * 430;
        await run.until('it goes on', (status) => status.timeline.lastTimestampMs >= fromMs);
        for (const pid of pidsOf(core.pid, what)) process.kill(pid, 'SIGKILL');
        for (const id of ['folder', 'origin'])
          await run.until(`relay ${n + 2} of ${id} is live`, sessions(id, n + 2), 30_000);
      }
      const { timeline, encoder } = await run.status();
      assert.equal(encoder.skippedSlots, 0, 'the computer is too busy for this test');
      await run.until(
        'more is there',
        (status) => status.timeline.lastTimestampMs >= timeline.lastTimestampMs + 3000,
      );
      assert.equal(await run.stop(), 0, run.stderr);
      for (const url of [join(web, 'stream.m3u8'), server.url('/x.m3u8')]) await assertNothingMissing(url);
    } finally {
      await server.stop();
    }
  });

  for (const what of ['relay', 'ffmpeg'] as const) {
    it(`since its ${what} hangs is replaced`, async () => {
      const file = writeConfig(folder.path, {
        outputs: [{ id: 'group', type: 'udp', url: `udp://127.0.0.1:${await freePort()}` }],
      });
      run = new Bulkhead(['live', file]);
      const { core } = await run.until('it is live', sessions('group', 1));
      const pid = pidOf(core.pid, what);
      process.kill(pid, 'SIGSTOP');
      await run.until('another one is live', sessions('group', 2), 40_000);
      assert.ok(!isAlive(pid), 'it has been killed');
      assert.equal(await run.stop(), 0, run.stderr);
    });
  }

  it('to a web server that never answers, a port that is in use, or a file in place of a folder is explained', async () => {
    const server = await PutServer.start();
    server.answer = () => undefined;
    const taken = join(folder.path, 'taken');
    writeFileSync(taken, '');
    try {
      const file = writeConfig(folder.path, {
        outputs: [
          { id: 'main', url: nginx.url('live', 'explained') },
          { id: 'silent', type: 'hls', url: server.url('/live/x.m3u8'), segmentSeconds: 1 },
          { id: 'port', type: 'srt', mode: 'listener', url: `srt://127.0.0.1:${await usedPort()}` },
          { id: 'file', type: 'hls', folder: taken },
          { id: 'nobody', type: 'srt', url: `srt://127.0.0.1:${await freePort()}` },
        ],
      });
      run = new Bulkhead(['live', file], { env: ON_PATH });
      const { outputs } = await run.until(
        'each has its error',
        (status) =>
          status.outputs.length > 1 &&
          status.outputs
            .slice(1)
            .every(({ error }) => error !== undefined && !/did not respond/.test(error.message)),
        40_000,
      );
      const errors = Object.fromEntries(
        outputs.map(({ id, error }) => [id, `${error?.code} ${error?.message.replaceAll(/\d{4,}/g, 'N')}`]),
      );
      assert.equal(outputs[0]?.state, 'live');
      assert.equal(errors['silent'], 'output.unreachable 127.0.0.1:N has not answered for 10 s');
      assert.equal(errors['port'], 'port.inUse the UDP port N is in use by another program or output');
      assert.match(errors['file'] ?? '', /^storage\.failed cannot write to the folder .*taken: it is a file/);
      assert.match(errors['nobody'] ?? '', /^output\.unreachable Nothing answers at 127\.0\.0\.1:N/);
      assert.ok(existsSync(taken));
      assert.equal(await run.stop(), 0, run.stderr);
    } finally {
      await server.stop();
    }
  });

  it('for want of a protocol in ffmpeg is explained', async () => {
    const file = writeConfig(folder.path, {
      ffmpeg: QUICK_FFMPEG,
      outputs: [{ id: 'out', type: 'srt', url: 'srt://127.0.0.1:9000', passphrase: '0123456789' }],
    });
    const { code, stdout, stderr } = await runBulkhead(['live', file]);
    assert.match(stderr, /This ffmpeg cannot send by SRT/);
    assert.doesNotMatch(stdout + stderr, /0123456789/);
    assert.notEqual(code, 0);
    const doctor = await runBulkhead(['doctor', file]);
    assert.match(doctor.stdout, /output out.*cannot send by SRT/s);
  });
});

/** Fails if a player of the whole playlist misses a frame or sound, or has any twice. */
async function assertNothingMissing(url: string): Promise<void> {
  for (const [stream, frameMs, toleranceMs] of [
    ['v', 1000 / SMALL_VIDEO.fps, 2],
    ['a', (1024 * 1000) / 48_000, 5],
  ] as const) {
    const times = await timesOf(url, stream);
    assert.ok(times.length > 100, `${times.length} packets`);
    const steps = times.slice(1).map((ms, n) => ms - (times[n] ?? 0));
    const wrong = steps.flatMap((step, n) =>
      Math.abs(step - frameMs) > toleranceMs
        ? [`${Math.round(step)} ms at ${Math.round(times[n] ?? 0)}`]
        : [],
    );
    assert.deepEqual(wrong, [], `${url}, ${stream}`);
  }
}

/** DTS of each packet, ms. */
async function timesOf(url: string, stream: 'a' | 'v'): Promise<number[]> {
  const args = [
    '-v',
    'error',
    '-select_streams',
    `${stream}:0`,
    '-show_entries',
    'packet=dts_time',
    '-of',
    'csv=p=0',
  ];
  const { stdout, stderr } = await promisify(execFile)('ffprobe', [...args, url]);
  assert.equal(stderr, '');
  return stdout
    .trim()
    .split(/\s+/)
    .map((text) => Number.parseFloat(text) * 1000);
}
