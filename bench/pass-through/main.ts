// CPU of passing a publisher's stream on without re-encoding, 1080p60 at 6 Mbit/s to nginx-rtmp: the product, a bare relay in
// Node with the same two hops, and `ffmpeg -c copy` between two servers. All of them run at once, each with a publisher of its
// own, so that a round compares them in the same seconds of a machine that may be busy.
//
// npm run bench:pass-through -- [rounds] [seconds a round] [seconds of warm-up]
//
// Exits with 1 where a target is missed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { tempDir } from '../../test/support/temp.js';
import { eventually } from '../../test/support/wait.js';
import { median, summary } from '../support/statistics.js';
import { treeCpuSeconds } from '../support/tree-cpu.js';
import { type Contender, endTree, type Running, startScript } from './contender.js';
import { product } from './product.js';

const ROUNDS = Number(process.argv[2] ?? 6);
const SECONDS = Number(process.argv[3] ?? 30);
/** Connected, and most of the code compiled, by then, s: compiling costs as much as passing on, and ends after a while. */
const WARM_UP_SECONDS = Number(process.argv[4] ?? 150);
const KBPS = 6000;
/** The product's own rhythm: see `src/live-server/tag-batches.ts`. */
const BATCH_MS = 33;

const script = (name: string) => fileURLToPath(new URL(`${name}.js`, import.meta.url));

function bareRelay(name: string, batchMs: number): Contender {
  return {
    name,
    outputs: 1,
    start: ([url = '']) => {
      const { port, pathname } = new URL(url);
      return startScript(script('bare-relay'), ['back', String(batchMs), port], pathname);
    },
  };
}

const ffmpegCopy: Contender = {
  name: 'ffmpeg -c copy between two servers',
  outputs: 1,
  start: async ([url = '']) => {
    const from = url.replace('/live/', '/other/');
    const child = spawn(
      'ffmpeg',
      ['-nostdin', '-v', 'error', '-rw_timeout', '15000000', '-i', from, '-c', 'copy', '-f', 'flv', url],
      { stdio: 'ignore' },
    );
    return { publishUrl: from, pid: child.pid ?? 0, end: () => endTree(child) };
  },
};

const bareAtOnce = bareRelay('bare relay, each chunk at once', 0);
const bareBatched = bareRelay(`bare relay, front writes every ${BATCH_MS} ms`, BATCH_MS);
const productOfOne = product('product, 1 output', 1);
const productOfFive = product('product, 5 outputs', 5);
const contenders: readonly Contender[] = [bareAtOnce, bareBatched, ffmpegCopy, productOfOne, productOfFive];

function makeRecording(path: string): void {
  const rate = `${KBPS}k`;
  execFileSync('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=60:duration=10'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=10', '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '120', '-x264-params', 'nal-hrd=cbr'],
    ...['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate],
    ...['-c:a', 'aac', '-b:a', '160k', '-ac', '2', path],
  ]);
}

/** A contender at work with a publisher of its own. */
interface OnAir {
  readonly contender: Contender;
  readonly running: Running;
  readonly publisher: ChildProcess;
  readonly urls: readonly string[];
}

async function putOnAir(contender: Contender, recording: string, serverUrl: string): Promise<OnAir> {
  const place = contenders.indexOf(contender);
  const urls = Array.from({ length: contender.outputs }, (_, n) => `${serverUrl}/live/stream-${place}-${n}`);
  const running = await contender.start(urls);
  const publisher = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-re', '-stream_loop', '-1', '-i', recording],
      ...['-c', 'copy', '-f', 'flv', running.publishUrl],
    ],
    { stdio: 'ignore' },
  );
  return { contender, running, publisher, urls };
}

/** CPU of each contender's tree over the same seconds, as a share of a core. */
async function measure(onAir: readonly OnAir[]): Promise<void> {
  const before = onAir.map(({ running }) => [treeCpuSeconds(running.pid), performance.now()] as const);
  await delay(SECONDS * 1000);
  for (const [n, { contender, running }] of onAir.entries()) {
    const [seconds, atMs] = before[n] ?? [0, 0];
    const share = (treeCpuSeconds(running.pid) - seconds) / ((performance.now() - atMs) / 1000);
    shares.set(contender, [...(shares.get(contender) ?? []), share]);
  }
  loads.push(loadavg()[0] ?? 0);
}

/** A relay that passes nothing on is cheap: a viewer must find the stream where it should arrive. */
async function assertArrives(url: string): Promise<void> {
  const viewer = spawn(
    'ffprobe',
    ['-v', 'error', '-read_intervals', '%+#60', '-show_entries', 'packet=pts', '-of', 'csv=p=0', url],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const closed = once(viewer, 'close');
  let text = '';
  viewer.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  try {
    await eventually(`the stream arrives at ${url}`, () => (text.includes('\n') ? true : undefined));
  } finally {
    viewer.kill('SIGKILL');
    await closed;
  }
}

const dir = tempDir('pass-through');
const nginx = await startNginxRtmp();
const shares = new Map<Contender, number[]>();
const loads: number[] = [];
const onAir: OnAir[] = [];
try {
  const recording = join(dir.path, 'stream.flv');
  makeRecording(recording);
  const serverUrl = `rtmp://127.0.0.1:${nginx.port}`;
  for (const contender of contenders) onAir.push(await putOnAir(contender, recording, serverUrl));
  await delay(WARM_UP_SECONDS * 1000);
  for (let round = 1; round <= ROUNDS; round++) await measure(onAir);
  for (const { urls } of onAir) for (const url of urls) await assertArrives(url);
} finally {
  const endings = await Promise.allSettled(
    onAir.map(({ running, publisher }) => endTree(publisher).finally(() => running.end())),
  );
  await nginx.stop();
  dir.dispose();
  for (const ending of endings) if (ending.status === 'rejected') console.error(ending.reason);
}

const of = (contender: Contender) => shares.get(contender) ?? [];
const ratios = (values: readonly number[], to: Contender) =>
  values.map((value, n) => value / (of(to)[n] ?? 0));
const percents = (values: readonly number[]) => values.map((share) => share * 100);
let missed = false;
/** @param target undefined where the figure is only reported */
function report(what: string, values: readonly number[], target?: number): void {
  const isMissed = target !== undefined && !(median(values) <= target);
  missed ||= isMissed;
  const wanted = target === undefined ? '' : ` (target ≤ ${target})${isMissed ? ' MISSED' : ''}`;
  console.log(`  ${what}: ${summary(values, 2)}${wanted}`);
}

console.log(
  `1080p60 at ${KBPS} kbit/s, ${ROUNDS} rounds of ${SECONDS} s after ${WARM_UP_SECONDS} s, load ${summary(loads, 1)}; medians (range)`,
);
for (const contender of contenders) report(`${contender.name}, % of a core`, percents(of(contender)));
const own = of(productOfOne);
report('product, % of a core', percents(own), 10);
report('product ÷ bare relay, each chunk at once', ratios(own, bareAtOnce), 1.2);
report('product ÷ bare relay in the same rhythm', ratios(own, bareBatched));
report('product ÷ ffmpeg -c copy', ratios(own, ffmpegCopy));
const added = of(productOfFive).map((value, n) => (value - (own[n] ?? 0)) / 4);
report('each added output, % of a core', percents(added));
report('each added output ÷ ffmpeg -c copy', ratios(added, ffmpegCopy), 0.5);
process.exit(missed ? 1 : 0);
