// A whole show: two real recordings, a live RTMP source that dies and returns, and an ingest, while everything
// below the core is killed in turn. A viewer's recording is checked frame by frame.
//
//   node dist/bench/show-run/main.js [--minutes 20] [--kills 60] [--act recordings] [--publisher obs | ffmpeg]
//     [--keep FOLDER] [RECORDING …]
//
// The minutes and the kills are shared by the acts. Without recordings, two are made.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clip } from '../../test/integration/encoder/test-media.js';
import { writeMarkedRecording } from '../../test/support/marked-recording.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { tempDir } from '../../test/support/temp.js';
import { checkRecording } from '../../test/tools/recording/check-recording.js';
import { MOST_OFFSET_MS } from '../../test/tools/recording/faults.js';
import { endUnlessThere, PUBLISHER_KINDS } from '../support/publishers/publisher-kinds.js';
import { exactly } from '../support/targets.js';
import { ACTS, type Act } from './acts.js';
import { type ActResult, runAct, type Stage } from './run-act.js';

const SIZE = { width: 1280, height: 720 };
const FPS = 30;
const TIMES = 4;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '20' },
    kills: { type: 'string', default: '60' },
    act: { type: 'string', default: '' },
    publisher: { type: 'string', default: 'obs' },
    keep: { type: 'string' },
  },
});
const kind = PUBLISHER_KINDS.find(({ name }) => name === values.publisher);
const acts = ACTS.filter(({ name }) => name.includes(values.act));
if (kind === undefined || acts.length === 0) {
  console.error(
    `--publisher is one of ${PUBLISHER_KINDS.map(({ name }) => name).join(', ')}; --act a part of ${ACTS.map(({ name }) => `"${name}"`).join(', ')}`,
  );
  process.exit(2);
}
await endUnlessThere(kind);

function describe(act: Act, { check, sessions, restarts, killed }: ActResult): string {
  const { video, audio, av, decodeErrors } = check;
  const order = video?.order;
  // What a source that was killed has not sent, nobody has.
  const target = (value: number | undefined, isHeld: boolean) => (isHeld ? ` ${exactly(value, 0)}` : '');
  const isFile = act.published === 'no';
  const frozenMs = (video?.stills ?? []).reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  // A kill in the middle of a flash or its beep moves what is left of it.
  const far = (av?.readings ?? []).filter(({ offsetMs }) => Math.abs(offsetMs) > MOST_OFFSET_MS);
  return [
    `${act.name}: killed ${[...killed].map(([name, times]) => `${name} (${times})`).join(', ')}`,
    `  ${video?.frames} frames, ${order?.missing} missing${target(order?.missing, isFile)}, ${order?.repeated} repeated, ` +
      `${order?.outOfOrder} out of order${target(order?.outOfOrder, isFile)}, ${order?.unreadable} without a number`,
    `  frozen ${(frozenMs / 1000).toFixed(1)} s in all, ${video?.longestStillMs.toFixed(0)} ms at the longest; ` +
      `${video?.missingSlots} slots missing, ${(video?.stepsBack ?? 0) + (audio?.stepsBack ?? 0)} timestamps back` +
      `${target((video?.stepsBack ?? 0) + (audio?.stepsBack ?? 0), true)}, ${decodeErrors.length} decode errors${target(decodeErrors.length, true)}`,
    `  offset of sound and frames: median ${av?.medianMs.toFixed(1)} ms, worst ${av?.worstMs.toFixed(1)}, ${far.length} of ${av?.readings.length} beyond ${MOST_OFFSET_MS}; longest silence ${audio?.longestSilenceMs.toFixed(0)} ms`,
    `  sessions ${sessions} ${exactly(sessions, 1)}, restarts of the encoder process ${restarts}; load ${loadavg()[0]?.toFixed(1)}`,
  ].join('\n');
}

const folder = tempDir('show-run');
const recordings = join(folder.path, 'recordings');
mkdirSync(recordings);
const nginx = await startNginxRtmp({ recordingFolder: recordings });
try {
  const real =
    positionals.length > 0
      ? positionals
      : [await clip(folder.path, 'one.mp4', 8), await clip(folder.path, 'two.mp4', 7)];
  const shape = { ...SIZE, fps: FPS, times: TIMES };
  const files: string[] = [];
  let frames = 0;
  for (const [index, recording] of real.entries()) {
    const file = join(folder.path, `marked-${index}.mp4`);
    await writeMarkedRecording(file, [recording], { ...shape, firstNumber: frames });
    frames += (await checkRecording(file)).video?.frames ?? 0;
    files.push(file);
  }
  const joined = join(folder.path, 'joined.mp4');
  await writeMarkedRecording(joined, real, shape);
  const setup = await kind.setUp(folder.path, joined);
  try {
    const stage: Stage = {
      ...{ nginx, recordings, folder: folder.path, files, frames, setup, ...SIZE, fps: FPS },
    };
    const plan = {
      seconds: (Number(values.minutes) * 60) / ACTS.length,
      kills: Math.round(Number(values.kills) / ACTS.length),
    };
    for (const act of acts) console.log(describe(act, await runAct(stage, act, plan)));
  } finally {
    await setup.close();
  }
} finally {
  if (values.keep !== undefined) {
    mkdirSync(values.keep, { recursive: true });
    for (const name of readdirSync(recordings)) copyFileSync(join(recordings, name), join(values.keep, name));
  }
  await nginx.stop();
  folder.dispose();
}
