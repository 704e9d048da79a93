// CPU of passing a publisher's stream on without re-encoding, 1080p60 at 6 Mbit/s to nginx-rtmp: our code, a bare relay in Node
// with the same two hops, and `ffmpeg -c copy` between two servers, in turn.
//
// npm run bench:pass-through -- [rounds] [seconds a run]
import { execFileSync, spawn } from 'node:child_process';
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
import { type Contender, endTree, startScript } from './contender.js';

const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 20);
/** Connected and compiled by then, ms. */
const WARM_UP_MS = 5000;
const KBPS = 6000;

const script = (name: string) => fileURLToPath(new URL(`${name}.js`, import.meta.url));

function bareRelay(name: string, shape: string): Contender {
  return {
    name,
    outputs: 1,
    start: ([url = '']) => startScript(script('bare-relay'), ['back', shape, new URL(url).port]),
  };
}

/** How the front process reads and writes: see `own-relay.ts`. */
function ownCode(name: string, { readMs = 0, writeMs = 0, outputs = 1 } = {}): Contender {
  return {
    name,
    outputs,
    start: (urls) => startScript(script('own-relay'), ['back', String(readMs), String(writeMs), ...urls]),
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

const BARE = 'bare relay, two hops';
const OWN = 'our code, front reads every 16 ms';
const OWN_OF_FIVE = 'the same with 5 outputs';
const contenders: readonly Contender[] = [
  bareRelay(BARE, 'pipe'),
  bareRelay('bare relay, each hop reads every 16 ms', 'batch'),
  bareRelay('bare relay, back hop with onread', 'onread'),
  ffmpegCopy,
  ownCode('our code, each chunk at once'),
  ownCode(OWN, { readMs: 16 }),
  ownCode('our code, front reads every 33 ms', { readMs: 33 }),
  ownCode('our code, front writes every 16 ms', { writeMs: 16 }),
  ownCode(OWN_OF_FIVE, { readMs: 16, outputs: 5 }),
];

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

/** CPU of the tree while on air, as a share of a core. */
async function measure(contender: Contender, recording: string, serverUrl: string): Promise<number> {
  const urls = Array.from({ length: contender.outputs }, (_, n) => `${serverUrl}/live/stream${n || ''}`);
  const running = await contender.start(urls);
  const publisher = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-re', '-stream_loop', '-1', '-i', recording],
      ...['-c', 'copy', '-f', 'flv', running.publishUrl],
    ],
    { stdio: 'ignore' },
  );
  try {
    await delay(WARM_UP_MS);
    const before = treeCpuSeconds(running.pid);
    const startMs = performance.now();
    await delay(SECONDS * 1000);
    const seconds = treeCpuSeconds(running.pid) - before;
    const share = seconds / ((performance.now() - startMs) / 1000);
    for (const url of urls) await assertArrives(url);
    return share;
  } finally {
    await endTree(publisher);
    await running.end();
  }
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
try {
  const recording = join(dir.path, 'stream.flv');
  makeRecording(recording);
  for (let round = 1; round <= ROUNDS; round++) {
    for (const contender of contenders) {
      const share = await measure(contender, recording, `rtmp://127.0.0.1:${nginx.port}`);
      shares.set(contender, [...(shares.get(contender) ?? []), share]);
      loads.push(loadavg()[0] ?? 0);
    }
  }
} finally {
  await nginx.stop();
  dir.dispose();
}

const of = (name: string) =>
  shares.get(contenders.find((contender) => contender.name === name) as Contender) ?? [];
const ratios = (values: readonly number[], to: readonly number[]) =>
  values.map((value, n) => value / (to[n] ?? 0));
const bare = of(BARE);
const copy = of(ffmpegCopy.name);
console.log(`1080p60 at ${KBPS} kbit/s, ${ROUNDS} rounds of ${SECONDS} s, load ${summary(loads, 1)}`);
for (const [{ name }, values] of shares) {
  const percent = values.map((share) => share * 100);
  console.log(
    `${name}: ${summary(percent, 2)} % of a core, ${(median(values) * 60).toFixed(2)} CPU s a minute; ` +
      `÷ bare relay ${summary(ratios(values, bare), 2)}; ÷ ffmpeg -c copy ${summary(ratios(values, copy), 2)}`,
  );
}
const added = of(OWN_OF_FIVE).map((value, n) => (value - (of(OWN)[n] ?? 0)) / 4);
console.log(
  `an added output: ${summary(
    added.map((share) => share * 100),
    2,
  )} % of a core, ` + `÷ ffmpeg -c copy ${summary(ratios(added, copy), 2)} (target ≤ 0.5)`,
);
