// What the studio pipeline costs beside the direct one, in turn, on a clip with sound: CPU of the whole process tree for each
// frame, from the command to nginx-rtmp. What is lost when its processes die is measured by bench/studio-faults.
// Arguments: rounds, seconds of each, and "b-frames" for three B-frames with 20 frames of lookahead.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { writeNumberedClip } from '../../test/support/numbered-frames.js';
import { tempDir } from '../../test/support/temp.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';
import { treeCpuSeconds } from '../support/tree-cpu.js';

const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = Number(process.argv[3] ?? 20);
const VIDEO = process.argv[4] === 'b-frames' ? { tune: 'none', bFrames: 3, lookahead: 20 } : {};
const FPS = 30;
const CLIP_SECONDS = 100;
const START_UP_MS = 4000;
const MOST_RATIO = 1.08;
const PIPELINES = ['direct', 'studio'] as const;

const folder = tempDir('studio-bench');
const clip = join(folder.path, 'clip.mp4');
const nginx = await startNginxRtmp();

async function onAir(
  pipeline: (typeof PIPELINES)[number],
  use: (bulkhead: Bulkhead) => Promise<void>,
): Promise<void> {
  const config = join(folder.path, `${pipeline}.jsonc`);
  writeFileSync(config, JSON.stringify({ pipeline, input: { type: 'file', path: clip }, video: VIDEO }));
  const bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', pipeline)]);
  try {
    await bulkhead.until('live', ({ state }) => state === 'live');
    await delay(START_UP_MS);
    await use(bulkhead);
    await bulkhead.stop();
  } finally {
    await bulkhead.end();
  }
}

/** CPU ms for each frame. */
async function cost(pipeline: (typeof PIPELINES)[number]): Promise<number> {
  let ms = 0;
  await onAir(pipeline, async ({ pid }) => {
    const before = treeCpuSeconds(pid);
    await delay(SECONDS * 1000);
    ms = ((treeCpuSeconds(pid) - before) * 1000) / (SECONDS * FPS);
  });
  return ms;
}

try {
  writeNumberedClip(clip, { size: '1280x720', fps: FPS, seconds: CLIP_SECONDS, sampleRate: 44_100 });
  const costs: Record<(typeof PIPELINES)[number], number[]> = { direct: [], studio: [] };
  for (let round = 0; round < ROUNDS; round++)
    for (const pipeline of PIPELINES) costs[pipeline].push(await cost(pipeline));
  const ratios = costs.studio.map((ms, round) => ms / (costs.direct[round] ?? ms));
  console.log(
    `720p30, CPU of the whole tree for each frame: studio ${summary(costs.studio, 2)} ms, direct ${summary(costs.direct, 2)} ms; ` +
      `ratio, median of ${ROUNDS}: ${median(ratios).toFixed(3)} ${atMost(median(ratios), MOST_RATIO)}, all: ${summary(ratios, 3)}`,
  );
} finally {
  await nginx.stop();
  folder.dispose();
}
