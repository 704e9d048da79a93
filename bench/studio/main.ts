// What the studio pipeline costs beside the direct one, in turn, on a clip with sound: CPU of the whole process tree for each
// frame, from the command to nginx-rtmp. Then kills its video encoder, and looks at the frames in a recording.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { childrenOf } from '../../test/support/children.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { readNumbers, writeNumberedClip } from '../../test/support/numbered-frames.js';
import { tempDir } from '../../test/support/temp.js';
import { median, summary } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';
import { treeCpuSeconds } from '../support/tree-cpu.js';

const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = Number(process.argv[3] ?? 20);
const KILLS = Number(process.argv[4] ?? 20);
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
  use: (bulkhead: Bulkhead, encoderPid: number) => Promise<void>,
): Promise<void> {
  const config = join(folder.path, `${pipeline}.jsonc`);
  writeFileSync(config, JSON.stringify({ pipeline, input: { type: 'file', path: clip } }));
  const bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', pipeline)]);
  try {
    const { encoder } = await bulkhead.until('live', ({ state }) => state === 'live');
    await delay(START_UP_MS);
    await use(bulkhead, encoder.pid);
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

/** Kills the video encoder at work, again and again, and counts what a viewer is sent. */
async function kills(): Promise<void> {
  const recording = join(folder.path, 'recording.flv');
  let restarts = 0;
  await onAir('studio', async (bulkhead, encoderPid) => {
    const recorder = spawn(
      'ffmpeg',
      ['-v', 'error', '-i', nginx.url('live', 'studio'), '-c', 'copy', recording],
      { stdio: ['pipe', 'ignore', 'ignore'] },
    );
    await delay(2500);
    for (let kill = 0; kill < KILLS; kill++) {
      const encoders = childrenOf(encoderPid).filter(({ command }) =>
        command.includes('-f matroska -i pipe:0'),
      );
      process.kill(Math.min(...encoders.map(({ pid }) => pid)), 'SIGKILL');
      await delay(1500 + 100 * Math.random());
    }
    ({ restarts } = (await bulkhead.status()).encoder);
    recorder.stdin?.write('q');
    await once(recorder, 'close');
  });
  const numbers = readNumbers(recording);
  const steps = numbers.slice(1).map((number, index) => number - (numbers[index] ?? 0));
  const missing = steps.reduce((sum, step) => sum + Math.max(0, step - 1), 0);
  const repeated = steps.filter((step) => step === 0).length;
  const back = steps.filter((step) => step < 0).length;
  console.log(
    `kill -9 of the video encoder, ${KILLS} times: of ${numbers.length} frames ${missing} missing ${exactly(missing, 0)}, ` +
      `${repeated} repeated ${exactly(repeated, 0)}, ${back} out of order ${exactly(back, 0)}; ` +
      `the encoder process restarted ${restarts} times ${exactly(restarts, 0)}`,
  );
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
  await kills();
} finally {
  await nginx.stop();
  folder.dispose();
}
