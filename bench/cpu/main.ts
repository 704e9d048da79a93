// CPU of Bulkhead's whole process tree for each frame, core and sound included, in turn with the pipeline of before: one ffmpeg that reads
// and encodes, and the least relay in Node that takes it to a socket.
//   node dist/bench/cpu/main.js [rounds] [seconds of each] [part of a case's name]
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BroadcastConfigInput } from '../../src/config/schema.js';
import { FlvDemuxer } from '../../src/media/flv-demuxer.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { descendantsOf } from '../../test/support/children.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { writeNumberedClip } from '../../test/support/numbered-frames.js';
import { tempDir } from '../../test/support/temp.js';
import { CLOCK, CORNER, directCommand } from '../support/direct-ffmpeg.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';
import { treeCpuSeconds } from '../support/tree-cpu.js';

interface Case {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateKbps: number;
  /** `three layers`: the clip, the same again in a corner, and a clock. */
  readonly input: 'clip' | 'test pattern' | 'three layers';
  readonly most: number;
}

const CASES: readonly Case[] = [
  { name: '720p30, a clip', width: 1280, height: 720, fps: 30, bitrateKbps: 2500, input: 'clip', most: 1.08 },
  {
    ...{ name: '720p30, the test pattern', width: 1280, height: 720, fps: 30, bitrateKbps: 2500 },
    ...{ input: 'test pattern', most: 1.08 },
  },
  {
    name: '1080p30, a clip',
    width: 1920,
    height: 1080,
    fps: 30,
    bitrateKbps: 4500,
    input: 'clip',
    most: 1.09,
  },
  {
    name: '1080p60, a clip',
    width: 1920,
    height: 1080,
    fps: 60,
    bitrateKbps: 6000,
    input: 'clip',
    most: 1.14,
  },
  {
    ...{ name: '720p30, three layers', width: 1280, height: 720, fps: 30, bitrateKbps: 2500 },
    ...{ input: 'three layers', most: 1.05 },
  },
  {
    ...{ name: '1080p30, three layers', width: 1920, height: 1080, fps: 30, bitrateKbps: 4500 },
    ...{ input: 'three layers', most: 1.06 },
  },
];
const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = Number(process.argv[3] ?? 20);
const only = process.argv[4] ?? '';
const CLIP_SECONDS = 60;
/** By then everything has been started, and V8 has compiled and collected what a start leaves, ms: a broadcast lasts for hours. */
const START_UP_MS = 20_000;

const folder = tempDir('cpu');
const nginx = await startNginxRtmp();
let framesOfRelay = 0;
const sink = createServer((socket) => {
  const demuxer = new FlvDemuxer(({ kind }) => {
    if (kind === 'video') framesOfRelay++;
  });
  socket.on('error', () => {}).on('data', (chunk: Buffer) => demuxer.push(chunk));
}).listen(0, '127.0.0.1');
await once(sink, 'listening');

/** CPU ms for each frame, as `frames` counts them. */
async function measure(pid: number, frames: () => number | Promise<number>): Promise<number> {
  await delay(START_UP_MS);
  const before = { cpuS: treeCpuSeconds(pid), frames: await frames() };
  await delay(SECONDS * 1000);
  return ((treeCpuSeconds(pid) - before.cpuS) * 1000) / ((await frames()) - before.frames);
}

async function costOfBulkhead(config: BroadcastConfigInput): Promise<number> {
  const file = join(folder.path, 'show.json');
  writeFileSync(file, JSON.stringify(config));
  const bulkhead = new Bulkhead(['live', file, '--output', nginx.url('live', 'cpu')]);
  try {
    await bulkhead.until('live', ({ state }) => state === 'live');
    const cost = await measure(bulkhead.pid, async () => (await bulkhead.status()).timeline.videoFrames);
    await bulkhead.stop();
    return cost;
  } finally {
    await bulkhead.end();
  }
}

async function costOfDirect(command: readonly string[]): Promise<number> {
  const script = fileURLToPath(new URL('relay.js', import.meta.url));
  const { port } = sink.address() as AddressInfo;
  const relay = spawn(process.execPath, [script, String(port), ...command], { stdio: 'ignore' });
  try {
    return await measure(relay.pid ?? 0, () => framesOfRelay);
  } finally {
    await endRelay(relay);
  }
}

async function endRelay(relay: ChildProcess): Promise<void> {
  if (relay.exitCode !== null) throw new Error(`the relay ended by itself with ${relay.exitCode}`);
  const pids = [relay.pid ?? 0, ...descendantsOf(relay.pid ?? 0).map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await once(relay, 'close');
}

/** The clip without its sound: the one ffmpeg does not read it twice either. */
function silent(path: string): string {
  const file = path.replace(/\.mp4$/, '-silent.mp4');
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', path, '-an', '-c', 'copy', file]);
  return file;
}

function contentOf(
  input: Case['input'],
  path: string,
  { width, height }: Pick<Case, 'width' | 'height'>,
): BroadcastConfigInput {
  if (input === 'test pattern') return { input: { type: 'test-pattern' } };
  if (input === 'clip') return { input: { type: 'file', path } };
  const corner = {
    ...{ x: Math.round(CORNER.x * width), y: Math.round(CORNER.y * height) },
    ...{ width: Math.round(CORNER.width * width), height: Math.round(CORNER.height * height) },
  };
  const clock = { x: Math.round(CLOCK.x * width), y: Math.round(CLOCK.y * height) };
  return {
    sources: [
      { id: 'whole', type: 'file', path },
      { id: 'small', type: 'file', path: silent(path) },
    ],
    scenes: [
      {
        id: 'main',
        layers: [
          { id: 'whole', source: 'whole' },
          { id: 'small', source: 'small', ...corner },
        ],
      },
    ],
    overlays: [
      {
        ...{ id: 'clock', ...clock, width: Math.round(0.5 * width), height: Math.round(0.15 * height) },
        elements: [{ id: 'time', type: 'clock', size: CLOCK.size * height, outline: { width: 3 } }],
      },
    ],
  };
}

try {
  for (const { name, input, most, ...video } of CASES.filter(({ name }) => name.includes(only))) {
    const path = join(folder.path, `${video.height}p${video.fps}.mp4`);
    const { width, height, fps } = video;
    if (input !== 'test pattern')
      writeNumberedClip(path, { size: `${width}x${height}`, fps, seconds: CLIP_SECONDS, sampleRate: 44_100 });
    const ofBulkhead: number[] = [];
    const ofDirect: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ofBulkhead.push(await costOfBulkhead({ video, ...contentOf(input, path, video) }));
      const clip = input === 'test pattern' ? {} : { clip: { path, seconds: CLIP_SECONDS } };
      const composes = input === 'three layers';
      ofDirect.push(await costOfDirect(directCommand({ ...video, ...clip, composes }, 'pipe:1')));
    }
    const ratios = ofBulkhead.map((ms, round) => ms / (ofDirect[round] ?? ms));
    console.log(
      `${name}, CPU of the whole tree for each frame: Bulkhead ${summary(ofBulkhead, 2)} ms, one ffmpeg and a relay ` +
        `${summary(ofDirect, 2)} ms; ratio, median of ${ROUNDS}: ${median(ratios).toFixed(3)} ${atMost(median(ratios), most)}, ` +
        `all: ${summary(ratios, 3)}`,
    );
  }
} finally {
  sink.close();
  await nginx.stop();
  folder.dispose();
}
