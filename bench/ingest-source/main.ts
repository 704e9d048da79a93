// What viewers see when a publisher that is decoded as a source dies and comes back, or the live server's process, as a decoder behind
// nginx-rtmp sees it: how long until the fallback, and from the publisher's first keyframe until its frames are there.
//
//   node dist/bench/ingest-source/main.js [times] [ffmpeg | gstreamer | obs] [server]
//
// With "server" the live server's process is killed as well. Exits with 1 where a target is missed, with 2 where the publisher is not installed.

import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { descendantsOf } from '../../test/support/children.js';
import { freePorts } from '../../test/support/live-server.js';
import { watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { missingFrames, writeConfig } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { eventually } from '../../test/support/wait.js';
import { type FirstKeyframe, firstKeyframeProxy } from '../support/first-keyframe-proxy.js';
import { ffmpegKind } from '../support/publishers/ffmpeg-kind.js';
import { endUnlessThere, PUBLISHER_KINDS } from '../support/publishers/publisher-kinds.js';
import { summary } from '../support/statistics.js';
import { type ColourViewer, watchColours } from './colour-viewer.js';

const words = process.argv.slice(2);
const ROUNDS = Number(words.find((word) => /^\d+$/.test(word)) ?? 20);
const KIND = PUBLISHER_KINDS.find(({ name }) => words.includes(name)) ?? ffmpegKind;
const KILLS_SERVER = words.includes('server');
const VIDEO = { width: 1280, height: 720, fps: 30, preset: 'veryfast', bitrateKbps: 2500 } as const;
const KEY = 'bench-ingest-key';

await endUnlessThere(KIND);
const folder = tempDir('bench-ingest-source');
const publishers = await KIND.setUp(folder.path, undefined);
const nginx = await startNginxRtmp();
const url = nginx.url('live', 'key');
const ports = await freePorts();
const config = writeConfig(folder.path, {
  video: VIDEO,
  sources: [
    { id: 'obs', type: 'ingest', ingest: 'main', fallback: 'brb' },
    { id: 'brb', type: 'colour' },
  ],
  ingests: [{ id: 'main', key: 'env:BENCH_INGEST_KEY' }],
  outputs: [{ id: 'nginx', url }],
  liveServer: ports,
});
const bulkhead = new Bulkhead(['live', config], { env: { BENCH_INGEST_KEY: KEY } });
let failed = false;
try {
  await run();
} finally {
  await bulkhead.end();
  await publishers.close();
  await nginx.stop();
  folder.dispose();
}
process.exit(failed ? 1 : 0);

async function run(): Promise<void> {
  await bulkhead.until('on air with the fallback', ({ state }) => state === 'live', 30_000);
  const viewer = watchLive(url);
  const colours = watchColours(url);
  const fallbacks: number[] = [];
  const returns: number[] = [];
  try {
    await viewer.next(({ keyframe }) => keyframe);
    const plain = await eventually('a frame', () => colours.last);
    for (let round = 0; round < ROUNDS; round++) await lose(colours, plain.luma, fallbacks, returns);
    const { outputs, encoder } = await bulkhead.status();
    const what = KILLS_SERVER ? `${KIND.name} and of the live server` : KIND.name;
    console.log(`${ROUNDS} times kill -9 of ${what}, and its return; ms`);
    expect('from its death to the first frame of the fallback at a decoder', fallbacks, 2500);
    expect('from its first keyframe at Bulkhead to its first frame at a decoder', returns, 2000);
    expectCount('sessions at nginx-rtmp', outputs[0]?.sessions ?? 0, 1);
    const left = encoder.skippedSlots ?? 0;
    console.log(`  frames left out since this computer was too slow: ${left}, preset ${encoder.preset}`);
    expectCount('other frames missing', Math.max(0, missingFrames(viewer.packets, VIDEO.fps) - left), 0);
    expectCount('timestamps that went back', viewer.report().backwards, 0);
    expectCount('restarts of the encoder', encoder.restarts, 0);
  } finally {
    await colours.stop();
    await viewer.stop();
  }
}

async function lose(
  colours: ColourViewer,
  plain: number,
  fallbacks: number[],
  returns: number[],
): Promise<void> {
  const isPlain = (luma: number) => Math.abs(luma - plain) <= 2;
  const proxy = await firstKeyframeProxy(ports.rtmpPort);
  let first: FirstKeyframe | undefined;
  void proxy.nextFirstKeyframe().then((keyframe) => {
    first = keyframe;
  });
  const publisher = await publishers.start({ server: `rtmp://127.0.0.1:${proxy.port}/ingest`, key: KEY });
  try {
    const { atMs } = await eventually('the publisher’s first keyframe', () => first, 30_000);
    const back = await eventually('its first frame', () => colours.since(atMs, (luma) => !isPlain(luma)));
    returns.push(back.arrivedAtMs - atMs);
    await delay(3000);
  } finally {
    if (KILLS_SERVER) await killLiveServer();
    await publisher.kill();
  }
  const killedAtMs = performance.now();
  const fallback = await eventually('the fallback', () => colours.since(killedAtMs, isPlain), 15_000);
  fallbacks.push(fallback.arrivedAtMs - killedAtMs);
  await proxy.close();
  await delay(1500);
}

async function killLiveServer(): Promise<void> {
  const { core } = await bulkhead.status();
  const found = descendantsOf(core.pid).find(({ command }) => command.includes('live-server'));
  if (found !== undefined) process.kill(found.pid, 'SIGKILL');
}

function expect(what: string, values: readonly number[], target: number): void {
  const missed = !values.every((value) => value <= target);
  failed ||= missed;
  console.log(`  ${what}: ${summary(values)} (target ≤ ${target})${missed ? ' MISSED' : ''}`);
}

function expectCount(what: string, value: number, target: number): void {
  failed ||= value !== target;
  console.log(`  ${what}: ${value} (target ${target})${value === target ? '' : ' MISSED'}`);
}
