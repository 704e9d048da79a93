// What it costs the core to have the encoder inside (`--mode hybrid --isolate plugins`), in turn with one in a process of its own: how long a tag stays
// in the core, how long it takes to answer, and its CPU.
//   node dist/bench/hybrid/main.js [rounds] [seconds of each]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../src/control-client/control-client.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { writeNumberedClip } from '../../test/support/numbered-frames.js';
import { tempDir } from '../../test/support/temp.js';
import { median, quantile, summary } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';
import { ownCpuSeconds } from '../support/tree-cpu.js';

const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = Number(process.argv[3] ?? 20);
const WARM_MS = 5000;
const ASK_MS = 20;
/** The same as for an encoder in a process of its own, ms. */
const MOST_TRANSIT_MS = 5;
/** Half a slot of 30 frames/s: longer, and slots are late. */
const MOST_ANSWER_MS = 16;

interface Result {
  readonly transitMs: number;
  readonly answersMs: readonly number[];
  readonly cpuPercent: number;
  readonly skipped: number;
  readonly restarts: number;
}

const folder = tempDir('hybrid');
const nginx = await startNginxRtmp();
const clip = join(folder.path, 'clip.mp4');
const config = join(folder.path, 'show.json');

async function measure(mode: readonly string[]): Promise<Result> {
  const bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', 'hybrid'), ...mode]);
  try {
    await bulkhead.until('live', ({ state }) => state === 'live');
    await delay(WARM_MS);
    const client = await ControlClient.connect(bulkhead.address);
    const { core } = await client.status();
    const cpu = { s: ownCpuSeconds(core.pid), atMs: performance.now() };
    const answersMs: number[] = [];
    while (performance.now() < cpu.atMs + SECONDS * 1000) {
      const askedMs = performance.now();
      await client.status();
      answersMs.push(performance.now() - askedMs);
      await delay(ASK_MS);
    }
    const cpuPercent = ((ownCpuSeconds(core.pid) - cpu.s) * 100_000) / (performance.now() - cpu.atMs);
    const { timeline, encoder } = await client.status();
    client.dispose();
    await bulkhead.stop();
    const { skippedSlots: skipped, restarts } = encoder;
    return { transitMs: timeline.transitP99Ms, answersMs, cpuPercent, skipped, restarts };
  } finally {
    await bulkhead.end();
  }
}

try {
  writeNumberedClip(clip, { size: '1280x720', fps: 30, seconds: 60, sampleRate: 44_100 });
  writeFileSync(config, JSON.stringify({ input: { type: 'file', path: clip } }));
  const results: Record<'in a process of its own' | 'inside the core', Result[]> = {
    'in a process of its own': [],
    'inside the core': [],
  };
  for (let round = 0; round < ROUNDS; round++) {
    results['in a process of its own'].push(await measure(['--mode', 'spawn']));
    results['inside the core'].push(await measure(['--mode', 'hybrid', '--isolate', 'plugins']));
  }
  for (const [where, rounds] of Object.entries(results)) {
    const of = (value: (result: Result) => number) => rounds.map(value);
    const transits = of(({ transitMs }) => transitMs);
    const answers = of(({ answersMs }) => quantile(answersMs, 0.99));
    const lost = of(({ skipped, restarts }) => skipped + restarts).reduce((sum, count) => sum + count, 0);
    console.log(
      `720p30, the encoder ${where}: a tag's time in the core p99 ${summary(transits, 2)} ms ${atMost(median(transits), MOST_TRANSIT_MS)}; ` +
        `an answer of the core p99 ${summary(answers, 1)} ms ${atMost(median(answers), MOST_ANSWER_MS)}; ` +
        `CPU of the core ${summary(
          of(({ cpuPercent }) => cpuPercent),
          1,
        )} %; slots left out and restarts ${lost} ${exactly(lost, 0)}`,
    );
  }
} finally {
  await nginx.stop();
  folder.dispose();
}
