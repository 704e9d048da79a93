// What viewers see when a publisher that is passed on dies and comes back, as ffprobe and a recording of ffmpeg behind nginx-rtmp
// see it: how long until the slate's first frame, until the fallback, and from the publisher's first keyframe until it is there.
//
//   node dist/bench/ingest/main.js [times] [ffmpeg | gstreamer | obs] [recording]
//
// Without a recording a test pattern is published; GStreamer publishes one always. Exits with 1 where a target is missed, with 2
// where the publisher is not installed.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { freePorts } from '../../test/support/live-server.js';
import { type LiveViewer, type ViewedPacket, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { writeConfig } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { eventually } from '../../test/support/wait.js';
import { type FirstKeyframe, firstKeyframeProxy } from '../support/first-keyframe-proxy.js';
import { ffmpegKind } from '../support/publishers/ffmpeg-kind.js';
import type { PublisherSetup } from '../support/publishers/publisher-kind.js';
import { endUnlessThere, PUBLISHER_KINDS } from '../support/publishers/publisher-kinds.js';
import { summary } from '../support/statistics.js';
import { type RecordingReport, recordStream } from '../support/stream-recorder.js';

const words = process.argv.slice(2);
const ROUNDS = Number(words.find((word) => /^\d+$/.test(word)) ?? 20);
const KIND = PUBLISHER_KINDS.find(({ name }) => words.includes(name)) ?? ffmpegKind;
const RECORDING = words.find((word) => !/^\d+$/.test(word) && word !== KIND.name);
/** The publisher's own frames have all arrived by then, ms. */
const SETTLED_MS = 300;
/** So many frames in a row, no further apart than this, are no slate, ms. */
const RUN = 5;
const RUN_STEP_MS = 150;
/** What Bulkhead adds to a keyframe at most: its parameter sets and a delimiter, bytes. */
const MAX_ADDED_BYTES = 300;
const KEY = 'bench-ingest-key';

await endUnlessThere(KIND);
const folder = tempDir('bench-ingest');
const setup = await KIND.setUp(folder.path, RECORDING);
const nginx = await startNginxRtmp();
const url = nginx.url('live', 'key');
const ports = await freePorts();
const config = writeConfig(folder.path, {
  input: { type: 'ingest', key: 'env:BENCH_INGEST_KEY' },
  outputs: [{ id: 'nginx', url }],
  liveServer: ports,
});
const bulkhead = new Bulkhead(['live', config], { env: { BENCH_INGEST_KEY: KEY } });
let failed = false;
try {
  await run(setup);
} finally {
  await bulkhead.end();
  await setup.close();
  await nginx.stop();
  folder.dispose();
}
process.exit(failed ? 1 : 0);

/** ms of each round. */
interface Delays {
  readonly slates: number[];
  readonly fallbacks: number[];
  readonly returns: number[];
}

async function run(publishers: PublisherSetup): Promise<void> {
  await bulkhead.until('on air with the fallback', ({ state }) => state === 'live', 30_000);
  const viewer = watchLive(url);
  await viewer.next(({ keyframe }) => keyframe);
  const recorder = recordStream(url, join(folder.path, 'viewer.flv'));
  const delays: Delays = { slates: [], fallbacks: [], returns: [] };
  try {
    await killAgainAndAgain(publishers, viewer, delays);
    const { outputs } = await bulkhead.status();
    const { backwards } = viewer.report();
    report(delays, outputs[0]?.sessions ?? 0, backwards, await recorder.finish());
  } finally {
    await viewer.stop();
    await recorder.stop();
  }
}

async function killAgainAndAgain(
  publishers: PublisherSetup,
  viewer: LiveViewer,
  { slates, fallbacks, returns }: Delays,
): Promise<void> {
  const proxy = await firstKeyframeProxy(ports.rtmpPort);
  for (let round = 0; round < ROUNDS; round++) {
    let first: FirstKeyframe | undefined;
    void proxy.nextFirstKeyframe().then((keyframe) => {
      first = keyframe;
    });
    const publisher = await publishers.start({ server: `rtmp://127.0.0.1:${proxy.port}/ingest`, key: KEY });
    try {
      const { atMs, bytes } = await eventually('the publisher’s first keyframe', () => first, 30_000);
      const isFirst = ({ keyframe, size, arrivedAtMs }: ViewedPacket) =>
        keyframe && arrivedAtMs >= atMs && size >= bytes && size <= bytes + MAX_ADDED_BYTES;
      const back = await eventually('its first keyframe', () => viewer.packets.findLast(isFirst));
      returns.push(back.arrivedAtMs - atMs);
      await delay(3000);
    } finally {
      await publisher.kill();
    }
    const killedAtMs = performance.now();
    const frames = () =>
      viewer.packets.filter(
        ({ stream, arrivedAtMs }) => stream === 'video' && arrivedAtMs > killedAtMs + SETTLED_MS,
      );
    const fallback = await eventually('the fallback', () => firstOfRun(frames()), 15_000);
    slates.push((frames()[0]?.arrivedAtMs ?? Number.NaN) - killedAtMs);
    fallbacks.push(fallback.arrivedAtMs - killedAtMs);
    await delay(1000);
  }
  await proxy.close();
}

function report(
  { slates, fallbacks, returns }: Delays,
  sessions: number,
  backwards: number,
  { decodeErrors, frames }: RecordingReport,
): void {
  console.log(`${ROUNDS} times kill -9 of ${KIND.name}, and its return; ms`);
  expect('from its death to the first frame of the slate', slates, 900);
  expect('from its death to the first frame of the fallback', fallbacks, 2000);
  expect('from its first keyframe at Bulkhead to the viewer', returns, 100);
  expectCount('sessions at nginx-rtmp', sessions, 1);
  expectCount('timestamps that went back', backwards, 0);
  expectCount(`decode errors in a recording of ${frames} frames`, decodeErrors.length, 0);
  for (const line of decodeErrors.slice(0, 10)) console.log(`    ${line}`);
}

/** The first of several frames that come as an encoder's do. */
function firstOfRun(frames: readonly ViewedPacket[]): ViewedPacket | undefined {
  return frames.find((_, index) => {
    const run = frames.slice(index, index + RUN);
    return (
      run.length === RUN &&
      run.every(({ arrivedAtMs }, n) => n === 0 || arrivedAtMs - (run[n - 1]?.arrivedAtMs ?? 0) < RUN_STEP_MS)
    );
  });
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
