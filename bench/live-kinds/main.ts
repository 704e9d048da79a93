// Broadcasts live streams with the faults that real ones have through the studio to nginx-rtmp, which records, and checks what a
// viewer sees. Usage: node dist/bench/live-kinds/main.js [FILTER] [--jobs N] [--keep FOLDER]; each takes 25 s, 3 of them side by side.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { LiveFlvServer, type LiveTag, readTags } from '../../test/support/live-flv-server.js';
import { AAC, H264, writeMarkedClip } from '../../test/support/marked-clip.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { tempDir } from '../../test/support/temp.js';
import { checkRecording, type RecordingCheck } from '../../test/tools/recording/check-recording.js';
import { FAULT_MS, LIVE_KINDS, type LiveKind } from './kinds.js';

const FPS = 30;
const SECONDS = 40;
const SIZE = { width: 320, height: 180 };
const PLAYED_MS = 24_000;
const START_MS = 20_000;
/** At the end it has to move again. */
const LAST_MS = 5000;
const MOST_STILL_MS = 500;
const MOST_OFFSET_MS = 40;
const FRAME_MS = 1000 / FPS;
const ROUNDING_MS = 2;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: 'string', default: '3' }, keep: { type: 'string' } },
});
const filter = new RegExp(positionals[0] ?? '');
const chosen = LIVE_KINDS.filter(({ name }) => filter.test(name));
if (chosen.length === 0) {
  console.error(`No kind matches ${filter}. There are: ${LIVE_KINDS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const folder = tempDir('live-kinds');
const recordings = join(folder.path, 'recordings');
mkdirSync(recordings);
const nginx = await startNginxRtmp({ recordingFolder: recordings });

async function clip(name: string, scale: number, gop: number): Promise<LiveTag[]> {
  const file = join(folder.path, `${name}.flv`);
  await writeMarkedClip(file, {
    ...{ width: SIZE.width * scale, height: SIZE.height * scale, rate: String(FPS), flashPeriodS: 1 },
    video: { frames: SECONDS * FPS, encode: [...H264, '-tune', 'zerolatency', '-g', String(gop)] },
    sound: { seconds: SECONDS, sampleRate: 48_000, layout: 'stereo', encode: AAC },
  });
  return readTags(readFileSync(file));
}

async function tagsOf({ name, gop = FPS, changesSize = false }: LiveKind): Promise<LiveTag[]> {
  const tags = await clip(name, 1, gop);
  if (!changesSize) return tags;
  const larger = await clip(`${name}-larger`, 2, gop);
  const header = larger.find(({ kind, payload }) => kind === 'video' && payload[1] === 0);
  const change = header === undefined ? [] : [{ ...header, ms: FAULT_MS }];
  return [...tags.filter(({ ms }) => ms < FAULT_MS), ...change, ...larger.filter(({ ms }) => ms >= FAULT_MS)];
}

/** The targets that it misses, and the figures. */
async function run(kind: LiveKind): Promise<{ misses: string[]; figures: string }> {
  const server = await LiveFlvServer.start({ ...kind.options, tags: await tagsOf(kind) });
  const config = join(folder.path, `${kind.name}.jsonc`);
  writeFileSync(
    config,
    JSON.stringify({
      input: { type: 'url', url: server.url },
      video: { ...SIZE, fps: FPS, bitrateKbps: 1000, keyframeIntervalSeconds: 1 },
    }),
  );
  const key = kind.name.replaceAll('^', '_');
  const bulkhead = new Bulkhead(['live', config, '--output', nginx.url('recorded', key)]);
  const misses: string[] = [];
  let restarts = 0;
  const begunMs = performance.now();
  let liveMs = Number.NaN;
  try {
    await bulkhead.until('live', ({ state }) => state === 'live', START_MS);
    liveMs = performance.now() - begunMs;
    await delay(PLAYED_MS);
    ({ restarts } = (await bulkhead.status()).encoder);
    await bulkhead.stop();
  } catch {
    misses.push(Number.isNaN(liveMs) ? 'was not on air in time' : 'ended by itself');
  } finally {
    await bulkhead.end();
    await server.stop();
  }
  const files = readdirSync(recordings).filter((name) => name.startsWith(`${key}-`));
  if (restarts > 0) misses.push(`${restarts} restarts`);
  if (files.length !== 1) misses.push(`${files.length} sessions`);
  const [file] = files;
  if (file === undefined) return { misses, figures: '' };
  if (values.keep !== undefined) copyFileSync(join(recordings, file), join(values.keep, file));
  const check = await checkRecording(join(recordings, file)).catch(() => undefined);
  if (check === undefined) return { misses: [...misses, 'nothing recorded'], figures: '' };
  misses.push(...judge(kind, check));
  return { misses, figures: figures(check, liveMs) };
}

function judge(kind: LiveKind, { video, audio, av, decodeErrors }: RecordingCheck): string[] {
  if (video === undefined || audio === undefined || av === undefined) return ['a track is absent'];
  const misses: string[] = [];
  const expect = (isMet: boolean, what: string) => {
    if (!isMet) misses.push(what);
  };
  const lastStills = video.stills.filter(({ ptsMs, lengthMs }) => ptsMs + lengthMs > video.endMs - LAST_MS);
  expect(decodeErrors.length === 0, 'decode errors');
  expect(video.stepsBack + audio.stepsBack === 0, 'timestamps back');
  expect(video.order !== undefined, 'its frames are not shown');
  expect(video.longestStillMs <= (kind.stillMs ?? MOST_STILL_MS), 'stands still');
  expect(
    lastStills.every(({ lengthMs }) => lengthMs <= MOST_STILL_MS),
    'stands still at the end',
  );
  expect(Math.abs(av.endMs) <= FRAME_MS + ROUNDING_MS, 'sound − frames');
  expect(kind.soundEnds === true || av.readings.length >= 5, `${av.readings.length} readings of the offset`);
  expect(
    av.readings.every(({ offsetMs }) => Math.abs(offsetMs) <= MOST_OFFSET_MS),
    'offset',
  );
  return misses;
}

function figures({ video, audio, av }: RecordingCheck, liveMs: number): string {
  const ms = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '–' : `${value.toFixed(0)} ms`;
  return (
    `on air after ${ms(liveMs)}, longest still ${ms(video?.longestStillMs)}, longest silence ${ms(audio?.longestSilenceMs)}, ` +
    `sound − frames ${ms(av?.endMs)}, offset ${ms(av?.medianMs)}, worst ${ms(av?.worstMs)}`
  );
}

if (values.keep !== undefined) mkdirSync(values.keep, { recursive: true });
try {
  const queue = [...chosen];
  const worker = async () => {
    for (let kind = queue.shift(); kind !== undefined; kind = queue.shift()) {
      const { misses, figures: seen } = await run(kind);
      if (misses.length > 0) process.exitCode = 1;
      console.log(
        `${kind.name}: ${misses.length === 0 ? 'passes' : `MISSED: ${misses.join(', ')}`}; ${seen}`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, worker));
  console.log(`load of this machine at the end: ${loadavg()[0]?.toFixed(1)}`);
} finally {
  await nginx.stop();
  folder.dispose();
}
