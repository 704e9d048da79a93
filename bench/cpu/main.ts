// CPU of Bulkhead's whole process tree, beside the same ffmpeg that publishes by itself: 720p30 to nginx-rtmp, in turn.
import { setTimeout as delay } from 'node:timers/promises';
import { Bulkhead } from '../../test/support/bulkhead.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { endPlain, plainCommand, startPlain } from '../support/plain-ffmpeg.js';
import { median, summary } from '../support/statistics.js';
import { treeCpuSeconds } from '../support/tree-cpu.js';

const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = Number(process.argv[3] ?? 30);

const nginx = await startNginxRtmp();
const bulkheadSeconds: number[] = [];
const plainSeconds: number[] = [];
try {
  for (let round = 1; round <= ROUNDS; round++) {
    const bulkhead = new Bulkhead(['live', '--output', nginx.url('live', 'bulkhead')]);
    let command: string[];
    try {
      const { encoder } = await bulkhead.until('live', ({ state }) => state === 'live');
      command = plainCommand(encoder.ffmpegPid, nginx.url('live', 'plain'));
      await delay(SECONDS * 1000);
      bulkheadSeconds.push(treeCpuSeconds(bulkhead.pid));
      await bulkhead.stop();
    } finally {
      await bulkhead.end();
    }
    const plain = startPlain(command);
    // Bulkhead's tree had its start-up too: both are measured from their beginning.
    await delay(SECONDS * 1000 + 500);
    plainSeconds.push(treeCpuSeconds(plain.pid ?? 0));
    await endPlain(plain);
    console.log(
      `round ${round}: Bulkhead ${bulkheadSeconds.at(-1)?.toFixed(2)} s, plain ffmpeg ${plainSeconds.at(-1)?.toFixed(2)} s`,
    );
  }
} finally {
  await nginx.stop();
}
const ratios = bulkheadSeconds.map((seconds, round) => seconds / (plainSeconds[round] ?? Number.NaN));
console.log(
  `CPU over ${SECONDS} s, Bulkhead: ${summary(bulkheadSeconds, 2)} s; plain: ${summary(plainSeconds, 2)} s`,
);
console.log(
  `ratio, median of ${ROUNDS}: ${median(ratios).toFixed(3)} (target ≤ 1.05); all: ${summary(ratios, 3)}`,
);
