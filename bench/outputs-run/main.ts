// Six destinations of four protocols at once, two recordings, replays and a delay with an undo, through networks that become bad, while everything
// below the core is killed in turn. Says what each viewer and each file has seen, frame by frame.
//
//   node dist/bench/outputs-run/main.js [--scale 1] [--keep FOLDER] [RECORDING …]
//
// Without recordings, two are made. Needs Linux and root, for the networks.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DelayCut } from '../../src/protocol/delay.js';
import type { SavedReplay } from '../../src/protocol/replay.js';
import type { OutputStatus } from '../../src/protocol/status/output-status.js';
import type { Status } from '../../src/protocol/status/status.js';
import { clip } from '../../test/integration/encoder/test-media.js';
import { Bulkhead, runBulkhead } from '../../test/support/bulkhead.js';
import { writeMarkedRecording } from '../../test/support/marked-recording.js';
import { createNetwork, networkProblem } from '../../test/support/network/namespaces.js';
import { probeRecording } from '../../test/support/probed-recording.js';
import { tempDir } from '../../test/support/temp.js';
import { checkRecording, type RecordingCheck } from '../../test/tools/recording/check-recording.js';
import { exactly, shown } from '../support/targets.js';
import { type Act, acts, HOME } from './acts.js';
import { Destinations, KEYS } from './destinations.js';

const SIZE = { width: 1280, height: 720 };
const FPS = 30;
const START_MS = 30_000;
/** How long after the last kill it goes on. */
const CALM_MS = 10_000;
const UNDONE_S = 8;
const LOGO = { id: 'logo', type: 'box', x: 0, y: 0, width: 200, height: 80, colour: '#2040c0' };
const SAMPLE_RATE = 48_000;
/** Less than two frames of sound are what timestamps are rounded by. */
const MOST_SOUND_MS = 40;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string', default: '1' }, keep: { type: 'string' } },
});

interface Saved {
  readonly file: string;
  readonly tookMs: number;
}

/** What happened on air. */
class Run {
  readonly killed = new Map<string, number>();
  readonly replays: Saved[] = [];
  undoneMs = 0;

  constructor(private readonly bulkhead: Bulkhead) {}

  async play(act: Act): Promise<void> {
    const slices = Math.max(1, act.victims.length);
    const sliceMs = (act.seconds * 1000) / slices;
    for (let n = 0; n < slices; n++) {
      const begunMs = performance.now();
      const victim = act.victims[n];
      const pid = victim?.pid(await this.bulkhead.status()) ?? 0;
      if (victim !== undefined && pid > 0) {
        process.kill(pid, 'SIGKILL');
        this.killed.set(victim.name, (this.killed.get(victim.name) ?? 0) + 1);
      }
      if (act.does !== undefined && n === Math.floor(slices / 2))
        await this[act.does === 'undo' ? 'undo' : 'saveReplay']();
      await delay(Math.max(0, sliceMs - (performance.now() - begunMs)));
    }
  }

  private async saveReplay(): Promise<void> {
    await delay(3000);
    const fromMs = performance.now();
    const { path } = (await this.json(['replay', 'save'])) as SavedReplay;
    this.replays.push({ file: path, tookMs: performance.now() - fromMs });
  }

  private async undo(): Promise<void> {
    await delay(5000);
    const { removed } = (await this.json(['delay', 'cut', String(UNDONE_S)])) as DelayCut;
    this.undoneMs = removed.find(({ id }) => id === 'late')?.removedMs ?? 0;
  }

  private async json(words: readonly string[]): Promise<unknown> {
    const { stdout, stderr } = await runBulkhead([...words, '--json'], { address: this.bulkhead.address });
    if (stdout === '') throw new Error(`bulkhead ${words.join(' ')}: ${stderr}`);
    return JSON.parse(stdout);
  }
}

/** What is expected of those who see the broadcast in one place. */
interface Seen {
  readonly name: string;
  readonly files: readonly string[];
  /** Frames that it was not sent on purpose; undefined where what the network loses is lost. */
  readonly left: number | undefined;
  /** A relay that is killed takes along sound, up to a keyframe interval of it. */
  readonly losesSound?: boolean;
}

const missingOf = ({ video }: RecordingCheck) => video?.order?.missing ?? 0;

/** Sound that the timestamps leave room for, ms. */
function soundMissingMs({ audio }: RecordingCheck): number {
  return audio === undefined ? 0 : audio.endMs - audio.firstMs - (audio.packets * 1024 * 1000) / SAMPLE_RATE;
}

async function rowOf({ name, files, left, losesSound = left === undefined }: Seen): Promise<string> {
  const checks: RecordingCheck[] = [];
  for (const file of files) checks.push(await checkRecording(file));
  const sum = (of: (check: RecordingCheck) => number | undefined) =>
    checks.reduce((all, check) => all + (of(check) ?? 0), 0);
  const missing = sum(missingOf);
  const outOfOrder = sum(({ video }) => video?.order?.outOfOrder);
  const soundMs = sum(soundMissingMs);
  const offsets = checks.flatMap(({ av }) => (av === undefined ? [] : [Math.abs(av.medianMs)]));
  const isWhole = left !== undefined;
  const cells = [
    name,
    `${files.length}${isWhole ? ` ${exactly(files.length, 1)}` : ''}`,
    sum(({ video }) => video?.frames),
    isWhole ? `${missing} ${shown(missing <= left, `≤ ${left}`)}` : missing,
    sum(({ video }) => video?.order?.repeated),
    // What is damaged shows any number.
    isWhole ? `${outOfOrder} ${exactly(outOfOrder, 0)}` : outOfOrder,
    `${(soundMs / 1000).toFixed(2)}${losesSound ? '' : ` ${shown(soundMs < MOST_SOUND_MS, 'none')}`}`,
    Math.max(...offsets).toFixed(0),
    sum(({ decodeErrors }) => decodeErrors.length),
  ];
  return `| ${cells.join(' | ')} |`;
}

const problem = networkProblem();
if (problem !== undefined) {
  console.error(`this run emulates a network, and cannot here: ${problem}`);
  process.exit(2);
}
const folder = tempDir('outputs-run');
const received = join(folder.path, 'received');
const files = join(folder.path, 'files');
mkdirSync(received);
const network = await createNetwork('outrun', 7);
const plan = acts(Number(values.scale));
network.set(HOME);
try {
  const seconds = plan.reduce((sum, act) => sum + act.seconds, 0) + (START_MS + CALM_MS) / 1000;
  const real =
    positionals.length > 0
      ? positionals
      : [await clip(folder.path, 'one.mp4', 8), await clip(folder.path, 'two.mp4', 7)];
  const input = join(folder.path, 'input.mp4');
  await writeMarkedRecording(input, real, { ...SIZE, fps: FPS, times: await timesFor(seconds, real) });
  const destinations = await Destinations.open(network, received);
  const config = join(folder.path, 'show.json');
  writeFileSync(
    config,
    JSON.stringify({
      sources: [{ id: 'clip', type: 'file', path: input, loop: false }],
      scenes: [{ id: 'main', layers: [{ id: 'clip', source: 'clip' }] }],
      overlays: [{ id: 'logo', x: 1000, y: 600, width: 200, height: 80, elements: [LOGO] }],
      video: { ...SIZE, fps: FPS, bitrateKbps: 1500, preset: 'ultrafast', keyframeIntervalSeconds: 2 },
      recording: { folder: files, name: 'recording', startWithBroadcast: true, also: [{ feed: 'clean' }] },
      replay: { seconds: 10, name: 'replay-{n}' },
      outputs: destinations.outputs(),
    }),
  );
  const env = { KEY_MAIN: KEYS.main, KEY_SMALL: KEYS.small, KEY_LATE: KEYS.late };
  const bulkhead = new Bulkhead(['live', config, '--log-level', 'trace'], { within: network.streamer, env });
  const run = new Run(bulkhead);
  let status: Status;
  let metrics: string;
  try {
    await bulkhead.until('live', ({ outputs }) => outputs.every(isOnAir), START_MS);
    for (const act of plan) {
      network.set(act.network);
      await run.play(act);
    }
    await delay(CALM_MS);
    status = await bulkhead.status();
    metrics = (await runBulkhead(['metrics'], { address: bulkhead.address })).stdout;
    await bulkhead.stop();
  } finally {
    await bulkhead.end();
    await destinations.close();
  }
  const { skippedSlots } = status.encoder;
  const leftOf = (id: string) =>
    (status.outputs.find((output) => output.id === id)?.droppedFrames ?? 0) + skippedSlots;
  const seen = destinations.files();
  const filesOf = (id: string) => seen.get(id) ?? [];
  const undone = Math.ceil((run.undoneMs * FPS) / 1000);
  const table: readonly Seen[] = [
    { name: 'RTMP', files: filesOf('main'), left: leftOf('main') },
    { name: 'RTMP, its own encode', files: filesOf('small'), left: leftOf('small') },
    { name: 'RTMP, 20 s late, undone', files: filesOf('late'), left: leftOf('late') + undone },
    { name: 'SRT', files: filesOf('srt'), left: undefined },
    { name: 'RIST', files: filesOf('rist'), left: undefined },
    { name: 'HLS', files: filesOf('hls'), left: skippedSlots, losesSound: true },
    { name: 'recording', files: recordingsIn(files, /^recording(-\d+)?\.mkv$/), left: skippedSlots },
    {
      name: 'recording without overlays',
      files: recordingsIn(files, /^recording clean(-\d+)?\.mkv$/),
      left: skippedSlots,
    },
    ...run.replays.map(({ file }, n) => ({ name: `replay ${n + 1}`, files: [file], left: skippedSlots })),
  ];
  console.log(`killed: ${[...run.killed].map(([name, times]) => `${name} (${times})`).join(', ')}`);
  console.log(
    `replays saved within ${run.replays.map(({ tookMs }) => `${Math.round(tookMs)} ms`).join(', ')}, the command included`,
  );
  console.log(
    `undone: ${(run.undoneMs / 1000).toFixed(1)} s; left out by the encoder ${skippedSlots}; load ${loadavg()[0]?.toFixed(1)}`,
  );
  for (const { id, sessions, framesSent, droppedFrames } of status.outputs) {
    const counted = metricOf(metrics, 'output_sent_frames_total', id);
    console.log(
      `  ${id}: sessions ${sessions}, sent ${framesSent}, by the metrics ${counted}, dropped ${droppedFrames}`,
    );
  }
  console.log(
    '| seen by | files | frames | missing | repeated | out of order | sound missing, s | sound − frames, ms | decode errors |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const place of table) console.log(await rowOf(place));
} finally {
  if (values.keep !== undefined) cpSync(folder.path, values.keep, { recursive: true });
  await network.end();
  folder.dispose();
}

/** One with a delay connects when its first frame is due. */
function isOnAir({ id, state }: OutputStatus): boolean {
  return state === 'live' || id === 'late';
}

function recordingsIn(path: string, name: RegExp): string[] {
  return readdirSync(path)
    .filter((file) => name.test(file))
    .map((file) => join(path, file));
}

function metricOf(text: string, name: string, output: string): string | undefined {
  return new RegExp(`^bulkhead_${name}\\{[^}]*output="${output}"[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1];
}

/** How often the recordings are played one after the other to last so long. */
async function timesFor(seconds: number, recordings: readonly string[]): Promise<number> {
  let onceMs = 0;
  for (const file of recordings) onceMs += probeRecording(file).durationMs;
  return Math.ceil((seconds * 1000) / onceMs);
}
