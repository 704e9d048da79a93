// Plays every kind of file once, and looped over five seams, through the studio to nginx-rtmp, and checks the recordings as a
// viewer sees them. Usage: node dist/bench/media-kinds/main.js [FILTER] [--jobs N] [--keep FOLDER]; FILTER is a regular expression
// for KIND-once and KIND-loop. Each file is played at its own pace, so that the whole takes about a quarter of an hour; N of
// them (default 3) run side by side.
import { copyFileSync, mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { MEDIA_KINDS, type MediaKind } from '../../test/support/media-kinds.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { tempDir } from '../../test/support/temp.js';
import {
  type CheckOptions,
  checkRecording,
  type RecordingCheck,
} from '../../test/tools/recording/check-recording.js';
import { judge, type Verdict } from './judge.js';
import { type PlayMode, play, type Stage } from './play.js';
import { tableHead, tableRow } from './table.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: 'string', default: '3' }, keep: { type: 'string' } },
});
const filter = new RegExp(positionals[0] ?? '');
const MODES = ['once', 'loop'] as const;

const folder = tempDir('media-kinds');
const recordings = join(folder.path, 'recordings');
const clips = join(folder.path, 'clips');
for (const path of [recordings, clips]) mkdirSync(path);

async function run(stage: Stage, kind: MediaKind, mode: PlayMode): Promise<Verdict> {
  const own = join(clips, mode);
  mkdirSync(own, { recursive: true });
  const file = await kind.make(own);
  const played = await play(stage, kind, file, mode);
  const [recording] = played.recordings;
  if (values.keep !== undefined && recording !== undefined)
    copyFileSync(recording, join(values.keep, basename(recording)));
  const loop = mode === 'loop' ? kind.frames : undefined;
  const recorded = recording === undefined ? undefined : await readable(recording, { rate: kind.rate, loop });
  return judge(kind, mode, played, await checkRecording(file, { rate: kind.rate }), recorded);
}

/** Undefined for a recording without media. */
async function readable(file: string, options: CheckOptions): Promise<RecordingCheck | undefined> {
  try {
    return await checkRecording(file, options);
  } catch {
    return undefined;
  }
}

const plays = MEDIA_KINDS.flatMap((kind) => MODES.map((mode) => ({ kind, mode }))).filter(({ kind, mode }) =>
  filter.test(`${kind.name}-${mode}`),
);
if (plays.length === 0) {
  console.error(`No kind matches ${filter}. There are: ${MEDIA_KINDS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
if (values.keep !== undefined) mkdirSync(values.keep, { recursive: true });
const nginx = await startNginxRtmp({ recordingFolder: recordings });
const verdicts: Verdict[] = [];
try {
  console.log(tableHead());
  const queue = [...plays];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const verdict = await run({ nginx, recordings, folder: folder.path }, next.kind, next.mode);
      verdicts.push(verdict);
      console.log(tableRow(verdict));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, worker));
} finally {
  await nginx.stop();
  folder.dispose();
}
const missed = verdicts.filter(({ misses }) => misses.length > 0);
console.log(
  `\n${verdicts.length - missed.length} of ${verdicts.length} pass; targets: no restart, one session, sound − frames at the end ≤ 1 frame, offset ≤ 40 ms, played once: length ± 1 frame`,
);
console.log(`load of this machine at the end: ${loadavg()[0]?.toFixed(1)}`);
if (missed.length > 0) process.exitCode = 1;
