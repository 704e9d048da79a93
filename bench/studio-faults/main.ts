// Kills and stops the processes of the studio, and checks what a viewer on nginx-rtmp sees: frames, freezes, gaps, and the
// offset of sound and frames. Usage: node dist/bench/studio-faults/main.js [FILTER] [--times N] [--size WIDTHxHEIGHT] [--keep FOLDER]
// [--b-frames], which encodes with three B-frames and 20 frames of lookahead; FILTER is a regular expression for the names of the scenarios. All of them take about twenty minutes.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AAC, H264, writeMarkedClip } from '../../test/support/marked-clip.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { tempDir } from '../../test/support/temp.js';
import { runScenario } from './on-air.js';
import { SCENARIOS } from './scenarios.js';

const FPS = 30;
const CLIP_SECONDS = 60;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string' },
    size: { type: 'string', default: '1280x720' },
    keep: { type: 'string' },
    'b-frames': { type: 'boolean', default: false },
  },
});
const filter = new RegExp(positionals[0] ?? '');
const chosen = SCENARIOS.filter(({ name }) => filter.test(name));
if (chosen.length === 0) {
  console.error(`No scenario matches ${filter}. There are: ${SCENARIOS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const encode = values['b-frames'] ? { tune: 'none', bFrames: 3, lookahead: 20 } : {};
const [width = 0, height = 0] = values.size.split('x').map(Number);

const folder = tempDir('studio-faults');
const recordings = join(folder.path, 'recordings');
mkdirSync(recordings);
const clip = join(folder.path, 'clip.mp4');
const nginx = await startNginxRtmp({ recordingFolder: recordings });
try {
  await writeMarkedClip(clip, {
    ...{ width, height, rate: String(FPS), flashPeriodS: 1 },
    video: { frames: CLIP_SECONDS * FPS, encode: H264 },
    sound: { seconds: CLIP_SECONDS, sampleRate: 48_000, layout: 'stereo', encode: AAC },
  });
  const stage = {
    nginx,
    recordings,
    folder: folder.path,
    clip,
    video: { fps: FPS, width, height, ...encode },
  };
  for (const scenario of chosen) {
    const times = values.times === undefined ? scenario.times : Number(values.times);
    const outcome = await runScenario({ ...stage, clipFrames: CLIP_SECONDS * FPS }, { ...scenario, times });
    console.log(`${scenario.name}, ${times} times, load ${loadavg()[0]?.toFixed(1)}:`);
    for (const line of scenario.judge(outcome)) console.log(`  ${line}`);
  }
} finally {
  if (values.keep !== undefined) {
    mkdirSync(values.keep, { recursive: true });
    for (const name of readdirSync(recordings)) copyFileSync(join(recordings, name), join(values.keep, name));
  }
  await nginx.stop();
  folder.dispose();
}
