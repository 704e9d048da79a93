// CPU of Bulkhead's whole process tree, beside the same ffmpeg that publishes by itself: 720p30 to nginx-rtmp, in turn.
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { endPlain, plainCommand, startPlain } from '../support/plain-ffmpeg.js';
import { median, summary } from '../support/statistics.js';
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

const nginx = await startNginxRtmp();
const ofBulkhead: Usage[] = [];
const ofPlain: Usage[] = [];
try {
  for (let round = 1; round <= ROUNDS; round++) {
    const bulkhead = new Bulkhead(['live', '--output', nginx.url('live', 'bulkhead')]);
    let command: string[];
    try {
      const { encoder } = await bulkhead.until('live', ({ state }) => state === 'live');
      command = plainCommand(encoder.ffmpegPid, nginx.url('live', 'plain'));
      ofBulkhead.push(await measure(bulkhead.pid));
      await bulkhead.stop();
    } finally {
      await bulkhead.end();
    }
    const plain = startPlain(command);
    ofPlain.push(await measure(plain.pid ?? 0));
    await endPlain(plain);
  }
} finally {
  await nginx.stop();
}
for (const [name, of] of [
  [`start and ${SECONDS} s on air`, ({ whole }: Usage) => whole],
  [`${SECONDS} s on air`, ({ onAir }: Usage) => onAir],
] as const) {
  const ratios = ofBulkhead.map((usage, round) => of(usage) / of(ofPlain[round] ?? usage));
  console.log(
    `${name}: Bulkhead ${summary(ofBulkhead.map(of), 2)} s, plain ffmpeg ${summary(ofPlain.map(of), 2)} s; ` +
      `ratio, median of ${ROUNDS}: ${median(ratios).toFixed(3)} (target ≤ 1.05), all: ${summary(ratios, 3)}`,
  );
}
