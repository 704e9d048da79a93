import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { IngestStatus } from '../../../src/protocol/status/ingest-status.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead } from '../../support/bulkhead.js';
import { descendantsOf } from '../../support/children.js';
import { freePorts } from '../../support/live-server.js';
import { type LiveViewer, watchLive } from '../../support/live-viewer.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { type Publisher, publish } from '../../support/publisher.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

/** Streams that differ in frame size and rate, B-frames, GOP, and in the sound's configuration. */
const STREAMS = [
  ['640x360', '25', '50', '44100', '1', ['-bf', '2']],
  ['426x240', '30', '30', '48000', '2', ['-tune', 'zerolatency']],
  ['320x180', '30000/1001', '15', '22050', '2', ['-bf', '3']],
] as const;

function stream(index: number): string[] {
  const [size, fps, gop, sampleRate, channels, more] = STREAMS[index % STREAMS.length] ?? STREAMS[0];
  return [
    ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`],
    ...['-re', '-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${sampleRate}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', gop, '-b:v', '500k', ...more],
    ...['-c:a', 'aac', '-ac', channels],
  ];
}

describe('a broadcast that passes on what is published to it', function () {
  this.timeout(120_000);
  const folder = tempDir('ingest');
  const publishers: Publisher[] = [];
  let nginx: NginxRtmp;
  let run: Bulkhead;
  let viewer: LiveViewer;
  let decoder: ChildProcess;
  const decodeErrors: string[] = [];
  let rtmpPort: number;
  let key: string;

  before(async () => {
    nginx = await startNginxRtmp();
    const url = nginx.url('live', 'key');
    const ports = await freePorts();
    rtmpPort = ports.rtmpPort;
    const config = writeConfig(folder.path, {
      input: { type: 'ingest', fallback: { type: 'test-pattern' } },
      outputs: [{ id: 'nginx', url }],
      liveServer: ports,
    });
    run = new Bulkhead(['live', config], { env: { XDG_DATA_HOME: folder.path } });
    await run.until('on air with the fallback', ({ state }) => state === 'live', 30_000);
    viewer = watchLive(url);
    decoder = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', '-i', url, '-f', 'null', '-'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // Its own muxer complains where frame rates differ; what it writes nobody looks at.
    createInterface({ input: decoder.stderr as Readable }).on('line', (line) => {
      if (!line.startsWith('[null @')) decodeErrors.push(line);
    });
    await viewer.next(({ keyframe }) => keyframe);
    await run.until('the live server listens', ({ ingests }) => ingests[0]?.url !== '');
    key = readFileSync(join(folder.path, 'bulkhead', 'ingests', 'ingest.key'), 'utf8').trim();
  });

  after(async () => {
    await Promise.all(publishers.map((publisher) => publisher.kill()));
    if (decoder?.exitCode === null && decoder.signalCode === null) {
      decoder.kill('SIGKILL');
      await once(decoder, 'close');
    }
    await viewer?.stop();
    await run?.end();
    await nginx?.stop();
    folder.dispose();
  });

  function published(index: number, presented = key): Publisher {
    const publisher = publish(`rtmp://127.0.0.1:${rtmpPort}/ingest/${presented}`, stream(index));
    publishers.push(publisher);
    return publisher;
  }

  const ingestOf = ({ ingests }: Status): IngestStatus | undefined => ingests[0];
  const live = (sessions: number) =>
    run.until(
      `publisher ${sessions} is on air`,
      (status) => ingestOf(status)?.state === 'live' && ingestOf(status)?.sessions === sessions,
      20_000,
    );
  const onFallback = () =>
    run.until(
      'the fallback is on air',
      (status) => ingestOf(status)?.state === 'lost' && status.encoder.videoPid !== 0,
      20_000,
    );

  async function passesOn(): Promise<void> {
    published(0);
    await live(1);
    await delay(4500);
    const { videoCodec, audioCodec, width, height, fps, keyframeIntervalMs, bitrateKbps } =
      ingestOf(await run.status()) ?? {};
    assert.deepEqual(
      { videoCodec, audioCodec, width, height, fps, keyframeIntervalMs },
      { videoCodec: 'h264', audioCodec: 'aac', width: 640, height: 360, fps: 25, keyframeIntervalMs: 2000 },
    );
    assert.ok(bitrateKbps !== undefined && bitrateKbps > 100 && bitrateKbps < 3000, `${bitrateKbps} kbit/s`);
    assert.equal((await run.status()).encoder.videoPid, 0, 'nothing is encoded');
  }

  async function survivesDeaths(): Promise<void> {
    for (const next of [1, 2, 0]) {
      await publishers.at(-1)?.kill();
      await onFallback();
      await viewer.next(({ keyframe }) => keyframe);
      published(next);
      await live(next === 0 ? 4 : next + 1);
      await viewer.next(({ keyframe }) => keyframe);
    }
  }

  async function bridgesAHang(): Promise<void> {
    const { pid } = publishers.at(-1) ?? { pid: 0 };
    process.kill(pid, 'SIGSTOP');
    await onFallback();
    process.kill(pid, 'SIGCONT');
    await live(4);
  }

  async function refusesStrangers(): Promise<void> {
    const thief = published(1, `${key}x`);
    await eventually('its refusal', () => (/The stream key is wrong/.test(thief.stderr) ? true : undefined));
    await eventually('the notice', () =>
      /A publisher was refused: the stream key is wrong \(from 127\.0\.0\.1\)/.test(run.stdout)
        ? true
        : undefined,
    );
    await live(4);
  }

  async function replacesTheFirst(): Promise<void> {
    const first = publishers.find(({ pid, stderr }) => stderr === '' && isRunning(pid));
    published(1);
    await live(5);
    await eventually('the disconnect of the first', () =>
      /Another publisher has connected/.test(first?.stderr ?? '') ? true : undefined,
    );
    assert.equal(ingestOf(await run.status())?.width, 426);
  }

  async function survivesTheLiveServer(): Promise<void> {
    const { core } = await run.status();
    const liveServer = descendantsOf(core.pid).find(({ command }) => command.includes('live-server'));
    assert.ok(liveServer !== undefined);
    process.kill(liveServer.pid, 'SIGKILL');
    await onFallback();
    await Promise.all(publishers.map((publisher) => publisher.kill()));
    await eventually('the port is open again', () => isOpen(rtmpPort));
    published(2);
    await live(6);
  }

  it('waits with the fallback, and stores its generated key readable only by its user', async () => {
    const status = await run.status();
    assert.deepEqual(
      [ingestOf(status)?.state, ingestOf(status)?.url, ingestOf(status)?.hasMadeKey, status.input?.state],
      ['waiting', `rtmp://127.0.0.1:${rtmpPort}/ingest`, true, 'waiting'],
    );
    assert.equal(statSync(join(folder.path, 'bulkhead', 'ingests', 'ingest.key')).mode & 0o777, 0o600);
    assert.match(run.stdout, new RegExp(`Publish to rtmp://127.0.0.1:${rtmpPort}/ingest`));
    for (const text of [run.stdout, run.stderr, JSON.stringify(status)]) assert.ok(!text.includes(key));
  });

  // One test, since its publishers live on from one step to the next.
  it('passes publishers on despite crashes, a hang, wrong keys, a second publisher, and a restart', async () => {
    await passesOn();
    await survivesDeaths();
    await bridgesAHang();
    await refusesStrangers();
    await replacesTheFirst();
    await survivesTheLiveServer();
    await Promise.all(publishers.map((publisher) => publisher.kill()));
    await onFallback();
  });

  it('has been one session at the live server, and decodable for its viewers', async () => {
    const status = await run.status();
    assert.equal(status.outputs[0]?.sessions, 1);
    assert.ok(viewer.watching, 'the viewer has not been thrown out');
    assert.equal(viewer.report().backwards, 0, 'timestamps that went back');
    assert.deepEqual(decodeErrors, []);
    assert.equal(await run.stop(), 0, run.stderr);
  });
});

/** Undefined while nobody listens there. */
async function isOpen(port: number): Promise<true | undefined> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
