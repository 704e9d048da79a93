// CPU of Bulkhead's whole process tree, beside the same ffmpeg that publishes by itself, and beside the least that a relay in
// Node costs: 720p30 to nginx-rtmp, in turn.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { descendantsOf } from '../../test/support/children.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { endPlain, plainCommand, startPlain } from '../support/plain-ffmpeg.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';
import { treeCpuSeconds } from '../support/tree-cpu.js';

const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = Number(process.argv[3] ?? 30);
/** Everything has been started and warmed up by then, the spare encoder too, ms. */
const START_UP_MS = 4000;

/** CPU seconds of one run. */
interface Usage {
  /** From the command on. */
  readonly whole: number;
  /** While on air, without the start. */
  readonly onAir: number;
}

async function measure(pid: number): Promise<Usage> {
  await delay(START_UP_MS);
  const atStart = treeCpuSeconds(pid);
  await delay(SECONDS * 1000);
  const whole = treeCpuSeconds(pid);
  return { whole, onAir: whole - atStart };
}

function startRelay(port: number, command: readonly string[]): ChildProcess {
  const script = fileURLToPath(new URL('relay.js', import.meta.url));
  return spawn(process.execPath, [script, String(port), ...command], { stdio: 'ignore' });
}

async function endRelay(relay: ChildProcess): Promise<void> {
  if (relay.exitCode !== null) throw new Error(`the relay ended by itself with ${relay.exitCode}`);
  const pids = [relay.pid ?? 0, ...descendantsOf(relay.pid ?? 0).map(({ pid }) => pid)];
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await once(relay, 'close');
}

const nginx = await startNginxRtmp();
const sink = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
await once(sink, 'listening');
const ofBulkhead: Usage[] = [];
const ofPlain: Usage[] = [];
const ofRelay: Usage[] = [];
try {
  for (let round = 1; round <= ROUNDS; round++) {
    const bulkhead = new Bulkhead(['live', '--output', nginx.url('live', 'bulkhead')]);
    let command: string[];
    let piped: string[];
    try {
      const { encoder } = await bulkhead.until('live', ({ state }) => state === 'live');
      command = plainCommand(encoder.ffmpegPid, nginx.url('live', 'plain'));
      piped = plainCommand(encoder.ffmpegPid, 'pipe:1');
      ofBulkhead.push(await measure(bulkhead.pid));
      await bulkhead.stop();
    } finally {
      await bulkhead.end();
    }
    const plain = startPlain(command);
    ofPlain.push(await measure(plain.pid ?? 0));
    await endPlain(plain);
    const relay = startRelay((sink.address() as AddressInfo).port, piped);
    ofRelay.push(await measure(relay.pid ?? 0));
    await endRelay(relay);
  }
} finally {
  sink.close();
  await nginx.stop();
}
for (const [name, of] of [
  [`start and ${SECONDS} s on air`, ({ whole }: Usage) => whole],
  [`${SECONDS} s on air`, ({ onAir }: Usage) => onAir],
] as const) {
  const against = (usages: readonly Usage[]) =>
    usages.map((usage, round) => of(usage) / of(ofPlain[round] ?? usage));
  const ratios = against(ofBulkhead);
  console.log(
    `${name}: Bulkhead ${summary(ofBulkhead.map(of), 2)} s, plain ffmpeg ${summary(ofPlain.map(of), 2)} s; ` +
      `ratio, median of ${ROUNDS}: ${median(ratios).toFixed(3)} ${atMost(median(ratios), 1.05)}, all: ${summary(ratios, 3)}; ` +
      `a bare relay ÷ plain ffmpeg: ${summary(against(ofRelay), 3)}`,
  );
}
