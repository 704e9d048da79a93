// Time from the command to the first media at the live server: `bulkhead live` beside plain ffmpeg, in turn.
import { Bulkhead } from '../../test/support/bulkhead.js';
import { startNginxRtmp } from '../../test/support/nginx.js';
import { firstMediaProxy } from '../support/first-media-proxy.js';
import { endPlain, plainCommand, startPlain } from '../support/plain-ffmpeg.js';
import { median, summary } from '../support/statistics.js';
import { atMost } from '../support/targets.js';

const ROUNDS = Number(process.argv[2] ?? 10);

const nginx = await startNginxRtmp();
const proxy = await firstMediaProxy(nginx.port);
const url = (key: string) => `rtmp://127.0.0.1:${proxy.port}/live/${key}`;
const bulkheadMs: number[] = [];
const plainMs: number[] = [];
try {
  for (let round = 0; round <= ROUNDS; round++) {
    let first = proxy.nextFirstMedia();
    let startedMs = performance.now();
    const bulkhead = new Bulkhead(['live', '--output', url('bulkhead')]);
    let command: string[];
    let ms: number;
    try {
      const ended = bulkhead.exit().then((code) => {
        throw new Error(`bulkhead ended with ${code}: ${bulkhead.stderr}`);
      });
      ms = (await Promise.race([first, ended])) - startedMs;
      const { encoder } = await bulkhead.until('ffmpeg', (status) => status.encoder.ffmpegPid > 0);
      command = plainCommand(encoder.ffmpegPid, url('plain'));
      await bulkhead.stop();
    } finally {
      await bulkhead.end();
    }
    first = proxy.nextFirstMedia();
    startedMs = performance.now();
    const plain = startPlain(command);
    const plainTook = (await first) - startedMs;
    await endPlain(plain);
    // The first round fills the disk caches.
    if (round === 0) continue;
    bulkheadMs.push(ms);
    plainMs.push(plainTook);
  }
} finally {
  await proxy.close();
  await nginx.stop();
}
const ratios = bulkheadMs.map((ms, round) => ms / (plainMs[round] ?? Number.NaN));
console.log(`first media after, Bulkhead: ${summary(bulkheadMs)} ms; plain ffmpeg: ${summary(plainMs)} ms`);
console.log(
  `ratio, median of ${ROUNDS}: ${median(ratios).toFixed(2)} ${atMost(median(ratios), 2)}; all: ${summary(ratios, 2)}`,
);
