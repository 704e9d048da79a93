// What it costs the core to read a stream: from a pipe that it makes at ffmpeg's spawn, from a connection to its media socket that
// ffmpeg is given, and from one that ffmpeg makes itself. 720p30 that was encoded before, at 2.5 and 6 Mbit/s, in turn.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { MediaListener } from '../../src/core/media-sockets/media-listener.js';
import { Timeline } from '../../src/core/timeline/timeline.js';
import { connectMedia } from '../../src/process-host/media-connection.js';
import { tempDir } from '../../test/support/temp.js';
import { summary } from '../support/statistics.js';
import { treeCpuSeconds } from '../support/tree-cpu.js';

const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = Number(process.argv[3] ?? 20);
const WARM_UP_MS = 1000;
const RATES_KBPS = [2500, 6000];

type OnChunk = (chunk: Buffer) => void;
/** Has ffmpeg send this file, and reads what it sends. */
type Way = (file: string, onChunk: OnChunk) => Promise<ChildProcess>;

const folder = tempDir('media-socket');
const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const listener = new MediaListener({ address: join(folder.path, 'core.sock') }, log);
const own = join(folder.path, 'own.sock');
let onOwn: OnChunk = () => {};
const server = createServer((socket) => socket.on('data', onOwn)).listen(own);

function play(file: string, output: string, stdout: Socket | 'pipe' | 'ignore'): ChildProcess {
  const input = ['-re', '-stream_loop', '-1', '-i', file, '-c', 'copy'];
  const args = ['-nostdin', '-loglevel', 'error', ...input, '-f', 'flv', '-flush_packets', '1', output];
  return spawn('ffmpeg', args, { stdio: ['ignore', stdout, 'inherit'] });
}

const WAYS: Readonly<Record<string, Way>> = {
  'a pipe': async (file, onChunk) => {
    const child = play(file, 'pipe:1', 'pipe');
    (child.stdout as Readable).on('data', onChunk);
    return child;
  },
  'a connection that ffmpeg is given': async (file, onChunk) => {
    const run = listener.open();
    run.read(onChunk, () => {});
    const connection = await connectMedia(await run.address);
    const child = play(file, 'pipe:1', connection);
    connection.destroy();
    return child;
  },
  'a connection that ffmpeg makes': async (file, onChunk) => {
    onOwn = onChunk;
    return play(file, `unix:${own}`, 'ignore');
  },
};

function record(kbps: number): string {
  const file = join(folder.path, `${kbps}.flv`);
  const rate = ['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`];
  const args = [
    ...['-nostdin', '-loglevel', 'error', '-t', '10'],
    ...['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30', '-f', 'lavfi', '-i', 'sine=sample_rate=48000'],
    ...[
      '-t',
      '10',
      '-vf',
      'noise=alls=20:allf=t',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
    ],
    ...['-g', '60', '-x264-params', 'nal-hrd=cbr', ...rate, '-c:a', 'aac', '-b:a', '160k', file],
  ];
  const { status } = spawnSync('ffmpeg', args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`ffmpeg ended with ${status}`);
  return file;
}

/** CPU of this process and of ffmpeg, as a share of a core in percent, and Mbit/s. */
async function measure(way: Way, file: string): Promise<{ core: number; ffmpeg: number; mbps: number }> {
  const timeline = new Timeline({ slateAfterMs: 1e9 });
  const epoch = timeline.beginEpoch();
  let bytes = 0;
  const child = await way(file, (chunk) => {
    bytes += chunk.length;
    epoch.write(chunk, performance.now());
  });
  await delay(WARM_UP_MS);
  bytes = 0;
  const before = { own: process.cpuUsage(), ffmpeg: treeCpuSeconds(child.pid ?? 0) };
  await delay(SECONDS * 1000);
  const { user, system } = process.cpuUsage(before.own);
  const ffmpeg = treeCpuSeconds(child.pid ?? 0) - before.ffmpeg;
  const mbps = (bytes * 8) / 1e6 / SECONDS;
  child.kill('SIGKILL');
  await once(child, 'close');
  timeline.dispose();
  return { core: (user + system) / 1e4 / SECONDS, ffmpeg: (ffmpeg * 100) / SECONDS, mbps };
}

try {
  for (const kbps of RATES_KBPS) {
    const file = record(kbps);
    const results = Object.entries(WAYS).map(([name, way]) => ({
      name,
      way,
      core: [] as number[],
      ffmpeg: [] as number[],
      mbps: [] as number[],
    }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const result of results) {
        const { core, ffmpeg, mbps } = await measure(result.way, file);
        result.core.push(core);
        result.ffmpeg.push(ffmpeg);
        result.mbps.push(mbps);
      }
    }
    for (const { name, core, ffmpeg, mbps } of results) {
      console.log(
        `${summary(mbps, 1)} Mbit/s over ${name}: core ${summary(core, 2)} %, ffmpeg ${summary(ffmpeg, 2)} % of a CPU`,
      );
    }
  }
} finally {
  server.close();
  listener.dispose();
  folder.dispose();
}
