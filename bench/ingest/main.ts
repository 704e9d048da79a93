// What viewers see when a publisher that is passed on dies and comes back, as ffprobe behind nginx-rtmp sees it: how long until the
// slate's first frame, until the fallback, and from the publisher's first media until its frames are back.
//
//   node dist/bench/ingest/main.js [rounds]

import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { freePorts } from '../../test/support/live-server.js';
import { type ViewedPacket, watchLive } from '../../test/support/live-viewer.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { publish, testPattern } from '../../test/support/publisher.js';
import { writeConfig } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { eventually } from '../../test/support/wait.js';
import { firstMediaProxy } from '../support/first-media-proxy.js';
import { summary } from '../support/statistics.js';

const ROUNDS = Number(process.argv[2] ?? 20);
/** The publisher's own frames have all arrived by then, ms. */
const SETTLED_MS = 300;
/** So many frames in a row, no further apart than this, are no slate, ms. */
const RUN = 5;
const RUN_STEP_MS = 150;
/** The pattern's keyframes are larger and the plain colour's smaller, bytes. */
const PATTERN_BYTES = 3000;
const KEY = 'bench-ingest-key';

const folder = tempDir('bench-ingest');
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
  await run();
} finally {
  await bulkhead.end();
  await nginx.stop();
  folder.dispose();
}
process.exit(failed ? 1 : 0);

async function run(): Promise<void> {
  await bulkhead.until('on air with the fallback', ({ state }) => state === 'live', 30_000);
  const viewer = watchLive(url);
  await viewer.next(({ keyframe }) => keyframe);
  const slates: number[] = [];
  const fallbacks: number[] = [];
  const returns: number[] = [];
  const proxy = await firstMediaProxy(ports.rtmpPort);
  for (let round = 0; round < ROUNDS; round++) {
    const firstMedia = proxy.nextFirstMedia();
    const publisher = publish(`rtmp://127.0.0.1:${proxy.port}/ingest/${KEY}`, testPattern());
    const back = await viewer.next(({ keyframe, size }) => keyframe && size > PATTERN_BYTES, 20_000);
    returns.push(back.arrivedAtMs - (await firstMedia));
    await delay(3000);
    const killedAtMs = performance.now();
    await publisher.kill();
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
  const { outputs } = await bulkhead.status();
  const { backwards } = viewer.report();
  await viewer.stop();
  console.log(`${ROUNDS} times kill -9 of a publisher, and its return; ms`);
  expect('from its death to the first frame of the slate', slates, 900);
  expect('from its death to the first frame of the fallback', fallbacks, 2000);
  expect('from its first media to its first frame at the viewer', returns, 100);
  expectCount('sessions at nginx-rtmp', outputs[0]?.sessions ?? 0, 1);
  expectCount('timestamps that went back', backwards, 0);
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
