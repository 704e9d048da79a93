// CPU of the core for each further RTMP output, 720p30 at 6 Mbit/s to nginx-rtmp, beside one more `ffmpeg -c copy` from that server to it: all
// at once, so that both are measured in the same seconds of a machine that may be busy.
//
// npm run bench:outputs -- [most outputs] [seconds a step]
//
// Exits with 1 where a target is missed.
import { type ChildProcess, spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlClient } from '../../src/control-client/control-client.js';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { writeConfig } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import { median } from '../support/statistics.js';
import { atMost, exactly } from '../support/targets.js';
import { ownCpuSeconds } from '../support/tree-cpu.js';

const MOST = Number(process.argv[2] ?? 50);
const SECONDS = Number(process.argv[3] ?? 20);
const HALF = Math.round(MOST / 2);
/** Up and down several times, since what else the machine does changes from minute to minute. */
const STEPS = [1, HALF, MOST, HALF, 1, HALF, MOST, HALF, 1];
/** Copies, of which the mean counts: one is a few ticks of the clock of /proc. */
const COPIES = 3;
/** What one output of the second half costs, to what one of the first does. */
const MOST_GROWTH = 1.3;
/** Connections have been made by then, ms. */
const SETTLE_MS = 5000;
/** By then what runs for each piece of media has been compiled, ms: before, one output costs more than five do after it. */
const WARM_MS = 30_000;

const folder = tempDir('bench-outputs');
const nginx = await startNginxRtmp();
const copies: ChildProcess[] = [];
const url = (n: number) => nginx.url('live', `output-${n}`);
const config = writeConfig(folder.path, {
  video: { width: 1280, height: 720, fps: 30, bitrateKbps: 6000, preset: 'ultrafast', constantBitrate: true },
  outputs: [{ id: 'output-1', url: url(1) }],
});
const bulkhead = new Bulkhead(['live', config]);

interface Measured {
  readonly outputs: number;
  /** Shares of a processor core. */
  readonly core: number;
  readonly copy: number;
}

async function measure(pid: number, outputs: number): Promise<Measured> {
  const pids = [pid, ...copies.map((copy) => copy.pid ?? 0)];
  const before = pids.map(ownCpuSeconds);
  const beganMs = performance.now();
  await delay(SECONDS * 1000);
  const seconds = (performance.now() - beganMs) / 1000;
  const [core = 0, ...others] = pids.map((one, n) => (ownCpuSeconds(one) - (before[n] ?? 0)) / seconds);
  return { outputs, core, copy: others.reduce((sum, share) => sum + share, 0) / COPIES };
}

const measured: Measured[] = [];
let dropped = 0;
try {
  const { core } = await bulkhead.until('live', ({ state }) => state === 'live', 60_000);
  const client = await ControlClient.connect(bulkhead.address);
  try {
    for (let n = 0; n < COPIES; n++) {
      const args = ['-nostdin', '-v', 'error', '-i', url(1), '-c', 'copy', '-f', 'flv'];
      copies.push(spawn('ffmpeg', [...args, nginx.url('other', `copy-${n}`)], { stdio: 'ignore' }));
    }
    await delay(WARM_MS);
    let added = 1;
    for (const outputs of STEPS) {
      for (; added < outputs; added++) {
        const id = `output-${added + 1}`;
        await client.outputs.add({ output: { id, type: 'rtmp', url: url(added + 1) } });
      }
      for (; added > outputs; added--) await client.outputs.remove({ id: `output-${added}` });
      await bulkhead.until(
        `${outputs} are live`,
        (now) => now.outputs.every(({ state }) => state === 'live'),
        60_000,
      );
      await delay(SETTLE_MS);
      measured.push(await measure(core.pid, outputs));
      const { outputs: all } = await bulkhead.status();
      dropped = Math.max(dropped, ...all.map(({ droppedFrames }) => droppedFrames));
    }
  } finally {
    client.dispose();
  }
} finally {
  for (const copy of copies) copy.kill('SIGKILL');
  await bulkhead.end();
  await nginx.stop();
  folder.dispose();
}

const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
const coreWith = (count: number) =>
  median(measured.filter(({ outputs }) => outputs === count).map(({ core }) => core));
const [first, half, most] = [1, HALF, MOST].map(coreWith) as [number, number, number];
const copy = median(measured.map((step) => step.copy));
const each = (most - first) / (MOST - 1);
const growth = (most - half) / (MOST - HALF) / ((half - first) / (HALF - 1));
console.log(
  `720p30 at 6000 kbit/s, steps of ${SECONDS} s, load ${(loadavg()[0] ?? 0).toFixed(1)}; shares of a processor core`,
);
for (const { outputs, core, copy } of measured)
  console.log(
    `  ${String(outputs).padStart(2)} outputs: core ${percent(core)}, one ffmpeg -c copy ${percent(copy)}`,
  );
console.log(`  each added output: ${percent(each)}, by the medians`);
console.log(
  `  each added output ÷ one more ffmpeg -c copy: ${(each / copy).toFixed(2)} ${atMost(each / copy, 0.3)}`,
);
console.log(
  `  ${HALF} to ${MOST} outputs, each ÷ 1 to ${HALF}: ${growth.toFixed(2)} ${atMost(growth, MOST_GROWTH)}`,
);
console.log(`  frames dropped by one output: ${dropped} ${exactly(dropped, 0)}`);
