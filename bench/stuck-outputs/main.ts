// Memory of the core, of its relays and of a healthy output beside destinations that take nothing.
//   node dist/bench/stuck-outputs/main.js [--minutes 10] [--kbps 6000]
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { descendantsOf } from '../../test/support/children.js';
import { watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { PutServer } from '../../test/support/put-server.js';
import { RtmpPeer } from '../../test/support/rtmp-peer.js';
import { missingFrames, writeConfig } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { megabytes } from '../support/process-memory.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const SAMPLE_MS = 2000;
const MOST_GROWTH_MB = 10;
const MOST_MB = 300;
const FPS = 30;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, kbps: { type: 'string', default: '6000' } },
});
const totalMs = Number(values.minutes) * 60_000;
/** Until queues, and what the heap grows to, are as large as they become, ms. */
const WARM_MS = 90_000;

interface Sample {
  readonly atMs: number;
  /** MB. */
  readonly core: number;
  readonly relays: number;
}

function sample(corePid: number, fromMs: number): Sample {
  const relays = descendantsOf(corePid).filter(({ command }) => command.includes('relay.cjs'));
  const family = relays.flatMap(({ pid }) => [pid, ...descendantsOf(pid).map((child) => child.pid)]);
  return {
    atMs: performance.now() - fromMs,
    core: megabytes(corePid, 'status', 'VmRSS'),
    relays: family.reduce((sum, pid) => sum + megabytes(pid, 'status', 'VmRSS'), 0),
  };
}

function describe(name: string, samples: readonly Sample[], of: (one: Sample) => number): string {
  const partMs = Math.min(60_000, (totalMs - WARM_MS) / 3);
  const first = median(samples.filter(({ atMs }) => atMs >= WARM_MS && atMs < WARM_MS + partMs).map(of));
  const last = median(samples.filter(({ atMs }) => atMs >= totalMs - partMs).map(of));
  const most = Math.max(...samples.map(of));
  return (
    `${name}: ${summary(samples.map(of))} MB, at most ${most.toFixed(0)} ${atMost(most, MOST_MB)}, ` +
    `from the ${Math.round(WARM_MS / 1000)}th second to the end ${(last - first).toFixed(1)} ${atMost(last - first, MOST_GROWTH_MB)}`
  );
}

const folder = tempDir('stuck-outputs');
const nginx = await startNginxRtmp();
// Each session is accepted, and never read.
const deaf = await RtmpPeer.start({ onMedia: ({ socket }) => socket.pause() });
// One session is accepted and never read; nobody answers another connection.
const alone = await RtmpPeer.start({
  onConnection: () => alone.connections.length > 0,
  onMedia: ({ socket }) => socket.pause(),
});
const sockets = new Set<Socket>();
// Connections are accepted by the system, and nobody answers.
const silent = createServer((socket) => sockets.add(socket.on('error', () => {}).pause()));
await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
const upload = await PutServer.start();
upload.answer = () => undefined;
const port = (silent.address() as { port: number }).port;
const config = writeConfig(folder.path, {
  video: {
    width: 640,
    height: 360,
    fps: FPS,
    bitrateKbps: Number(values.kbps),
    constantBitrate: true,
    preset: 'ultrafast',
  },
  outputs: [
    { id: 'healthy', url: nginx.url('live', 'key') },
    { id: 'deaf', url: deaf.url(), key: 'key' },
    { id: 'alone', url: alone.url(), key: 'key' },
    { id: 'silent', url: `rtmp://127.0.0.1:${port}/live`, key: 'key' },
    { id: 'upload', type: 'hls', url: upload.url('/live/stream.m3u8') },
  ],
});
const live = new Bulkhead(['live', config]);
try {
  const { core } = await live.until('live', ({ outputs }) => outputs[0]?.state === 'live');
  const viewer = watchLive(nginx.url('live', 'key'));
  await viewer.next(({ stream }) => stream === 'video');
  const fromMs = performance.now();
  const samples: Sample[] = [];
  while (performance.now() - fromMs < totalMs) {
    samples.push(sample(core.pid, fromMs));
    await delay(SAMPLE_MS);
  }
  const { outputs, encoder } = await live.status();
  await viewer.stop();
  console.log(describe('core', samples, (one) => one.core));
  console.log(describe('relays', samples, (one) => one.relays));
  const missing = Math.max(0, missingFrames(viewer.packets, FPS) - encoder.skippedSlots);
  console.log(
    `the healthy output's viewer: ${viewer.packets.length} packets, frames missing ${missing} ${atMost(missing, 0)}, left out by the encoder ${encoder.skippedSlots}`,
  );
  for (const { id, state, sessions, queueMs, droppedFrames, bytesSent } of outputs) {
    console.log(
      `  ${id}: ${state}, sessions ${sessions}, queue ${queueMs} ms, dropped ${droppedFrames}, sent ${(bytesSent / 1e6).toFixed(1)} MB`,
    );
  }
} finally {
  await live.end();
  for (const socket of sockets) socket.destroy();
  silent.close();
  await Promise.all([deaf.stop(), alone.stop(), upload.stop()]);
  await nginx.stop();
  folder.dispose();
}
